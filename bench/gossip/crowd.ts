/** One way of gossiping, as the crowd drives it: members by their place. */
export interface Protocol {
  /** What is sent by a member that has its round. */
  round(member: number): Envelope[];
  /** What is sent in answer. */
  receive(member: number, envelope: Envelope): Envelope[];
  /** A member changes something of its own, without haste. */
  change(member: number, value: string): void;
  /** Whether a member knows of that change. */
  knows(member: number, ofMember: number, value: string): boolean;
}

export interface Envelope {
  readonly from: number;
  readonly to: number;
  readonly message: unknown;
  readonly bytes: number;
}

/** How one change reached everybody. */
export interface Spread {
  /** From the change until the last one knows, in rounds. */
  readonly rounds: number;
  /** Of all members, meanwhile. */
  readonly bytes: number;
  readonly messages: number;
}

const roundsMax = 200;

/**
 * Members that have their round once a period each, at a moment of their own, on a network that loses nothing and takes
 * no time beside the period.
 */
export class Crowd {
  /** In the order of their moments. */
  private readonly order: readonly { readonly member: number; readonly at: number }[];
  /** How many turns there were. */
  private turns = 0;
  private bytes = 0;
  private messages = 0;

  constructor(
    private readonly protocol: Protocol,
    private readonly members: number,
    private readonly random: () => number,
  ) {
    this.order = Array.from({ length: members }, (_, member) => ({ member, at: random() })).sort(
      (one, other) => one.at - other.at,
    );
  }

  run(rounds: number): void {
    const until = this.turns + rounds * this.members;
    while (this.turns < until) this.turn();
  }

  /**
   * Changes something at a member, and gossips until all know. It happens at any moment of a round: its owner too has to
   * wait for its turn.
   */
  spread(member: number, value: string): Spread {
    const changedAt = Math.ceil(this.nextAt) + this.random();
    while (this.nextAt < changedAt) this.turn();
    this.protocol.change(member, value);
    const [bytes, messages] = [this.bytes, this.messages];
    const missing = new Set(this.order.map((turn) => turn.member));
    while (this.nextAt < changedAt + roundsMax) {
      const knownAt = this.nextAt;
      this.turn();
      for (const other of missing) if (this.protocol.knows(other, member, value)) missing.delete(other);
      if (missing.size > 0) continue;
      return { rounds: knownAt - changedAt, bytes: this.bytes - bytes, messages: this.messages - messages };
    }
    throw new Error(`${missing.size} of ${this.members} did not hear of a change in ${roundsMax} rounds`);
  }

  /** When the next turn is, in rounds. */
  private get nextAt(): number {
    return Math.floor(this.turns / this.members) + this.order[this.turns % this.members]!.at;
  }

  private turn(): void {
    const { member } = this.order[this.turns % this.members]!;
    this.turns += 1;
    const queue = this.protocol.round(member);
    for (let envelope = queue.shift(); envelope !== undefined; envelope = queue.shift()) {
      this.bytes += envelope.bytes;
      this.messages += 1;
      queue.push(...this.protocol.receive(envelope.to, envelope));
    }
  }
}
