import {
  defaultGossipOptions,
  GossipMember,
  type Input,
  type MemberId,
  messageBytes,
  type Outgoing,
} from '@nexus/core/gossip';
import { type Envelope, type Protocol } from './crowd.js';
import { memberName, newsKey, stateOf, vitalsOf } from './member-state.js';

const wallMs = Date.parse('2026-01-01');

/** Members of Nexus' gossip, which find each other through seeds. */
export class NexusProtocol implements Protocol {
  readonly members: readonly GossipMember[];
  private readonly places: ReadonlyMap<string, number>;
  private nowMs = 0;
  private turns = 0;

  constructor(
    count: number,
    private readonly random: () => number,
  ) {
    this.members = Array.from({ length: count }, (_, at) => newMember(at));
    this.places = new Map(this.members.map(({ self }, at) => [self.id, at]));
    this.members.forEach((_, at) => this.step(at, introduction(at)));
  }

  /** Time goes on as turns do. */
  round(member: number): Envelope[] {
    this.turns += 1;
    this.nowMs = (this.turns / this.members.length) * defaultGossipOptions.roundMs;
    return this.step(member, [{ kind: 'round' }]);
  }

  receive(member: number, { from, message }: Envelope): Envelope[] {
    return this.step(member, [inputOf(this.members[from]!, message as Outgoing['message'])]);
  }

  change(member: number, value: string): void {
    this.step(member, [{ kind: 'put', key: newsKey, value, urgent: false }]);
  }

  knows(member: number, ofMember: number, value: string): boolean {
    return this.members[member]!.get(this.members[ofMember]!.self.id, newsKey) === value;
  }

  private step(member: number, inputs: readonly Input[]): Envelope[] {
    const { nowMs, random } = this;
    const { messages } = this.members[member]!.step(inputs, { nowMs, wallMs: wallMs + nowMs, random });
    return messages.map(({ to, message }) => ({
      from: member,
      to: to === 'seed' ? Math.floor(random() * this.members.length) : this.places.get(to)!,
      message,
      bytes: messageBytes(message),
    }));
  }
}

export function newMember(index: number): GossipMember {
  return new GossipMember({
    ...defaultGossipOptions,
    cluster: 'bench',
    self: { id: memberName(index) as MemberId, kind: 'relay', generation: wallMs + index },
  });
}

export const introduction = (index: number): Input[] => [
  { kind: 'vitals', vitals: vitalsOf(index) },
  ...Object.entries(stateOf(index)).map(([key, value]): Input => ({
    kind: 'put',
    key,
    value,
    urgent: false,
  })),
];

export const inputOf = ({ self }: GossipMember, message: Outgoing['message']): Input => ({
  ...{ kind: 'message', from: self.id, fromKind: self.kind, message },
});
