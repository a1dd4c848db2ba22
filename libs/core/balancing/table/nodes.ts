/** The number of "no node", which nobody shares with anybody. */
export const noNode = -1;

/** Names of nodes as numbers, for as long as an agent is on the node. */
export class Nodes {
  private readonly numbers = new Map<string, number>();
  private readonly names: (string | undefined)[] = [];
  private readonly agents: number[] = [];
  private readonly free: number[] = [];
  private taken = 0;

  /** Counts how often a number came to stand for another node. */
  get reuses(): number {
    return this.taken;
  }

  /** `noNode` for one that has no agents. */
  numberOf(name: string): number {
    return this.numbers.get(name) ?? noNode;
  }

  /** One more agent is on the node. */
  join(name: string | undefined): number {
    if (name === undefined) return noNode;
    const number = this.numbers.get(name) ?? this.add(name);
    this.agents[number]! += 1;
    return number;
  }

  leave(number: number): void {
    if (number === noNode) return;
    this.agents[number]! -= 1;
    if (this.agents[number] !== 0) return;
    this.numbers.delete(this.names[number]!);
    this.names[number] = undefined;
    this.free.push(number);
  }

  private add(name: string): number {
    const reused = this.free.pop();
    if (reused !== undefined) this.taken++;
    const number = reused ?? this.names.length;
    this.numbers.set(name, number);
    this.names[number] = name;
    this.agents[number] = 0;
    return number;
  }
}
