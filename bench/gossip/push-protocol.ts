import { type Envelope, type Protocol } from './crowd.js';
import { memberName, newsKey, stateOf } from './member-state.js';
import { PlainPush } from './plain-push.js';

/** Members that push their whole state, and begin with knowing each other. */
export class PushProtocol implements Protocol {
  readonly members: readonly PlainPush[];
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    count: number,
    private readonly random: () => number,
  ) {
    this.members = Array.from({ length: count }, (_, at) => new PlainPush(memberName(at), stateOf(at)));
    this.places = new Map(this.members.map(({ id }, at) => [id, at]));
    const all = this.members.flatMap((member) => [...member.state()]);
    for (const member of this.members) member.merge(all);
  }

  round(member: number): Envelope[] {
    const sender = this.members[member]!;
    return sender.round(this.random).map((id) => ({
      ...{ from: member, to: this.places.get(id)!, message: sender, bytes: sender.bytesOfState },
    }));
  }

  receive(member: number, { message }: Envelope): Envelope[] {
    this.members[member]!.merge((message as PlainPush).state());
    return [];
  }

  change(member: number, value: string): void {
    this.members[member]!.put(newsKey, value);
  }

  knows(member: number, ofMember: number, value: string): boolean {
    return this.members[member]!.entry(memberName(ofMember))?.state[newsKey] === value;
  }
}
