import { type MemberState } from './member-state.js';

/** A set of members, each with its place in it: joins, leaves and draws cost the same however many there are. */
export class Pool {
  private readonly states: MemberState[] = [];

  /** @param place the field of a state that holds its place; a state is in one pool of each field at most */
  constructor(private readonly place: 'peerIndex' | 'vouchedIndex') {}

  get size(): number {
    return this.states.length;
  }

  at(index: number): MemberState | undefined {
    return this.states[index];
  }

  has(state: MemberState): boolean {
    return this.states[state[this.place]] === state;
  }

  add(state: MemberState): void {
    if (this.has(state)) return;
    state[this.place] = this.states.length;
    this.states.push(state);
  }

  remove(state: MemberState): void {
    if (!this.has(state)) return;
    const last = this.states.pop()!;
    if (last !== state) this.put(last, state[this.place]);
    state[this.place] = -1;
  }

  /** Any `count` of them, or as many as there are: none twice. The order of the pool is shuffled on the way. */
  draw(count: number, random: () => number): MemberState[] {
    const { states } = this;
    const drawn = Math.min(count, states.length);
    for (let index = 0; index < drawn; index++) {
      const other = index + Math.floor(random() * (states.length - index));
      const [one, two] = [states[index]!, states[other]!];
      this.put(two, index);
      this.put(one, other);
    }
    return states.slice(0, drawn);
  }

  private put(state: MemberState, index: number): void {
    this.states[index] = state;
    state[this.place] = index;
  }
}
