import { type Configuration, type MemberId, type MembershipChange } from '@nexus/core/raft';
import { type Group } from './group.js';
import { type Host } from './host.js';
import { type RaftFault } from './plan.js';

interface Goal {
  readonly change: MembershipChange;
  readonly done: () => void;
}

const retryMs = 40;
const votersMin = 2;

type Deed = Extract<RaftFault, { kind: 'transfer' | 'grow' | 'shrink' }>;

/** Whoever changes the group: one change after the other, each until it is committed. */
export class Operator {
  private readonly goals: Goal[] = [];
  private readonly lost = new Set<MemberId>();
  private isAwake = false;
  private isOver = false;
  private hostsAdded = 0;

  constructor(private readonly group: Group) {}

  begin(deed: Deed): void {
    switch (deed.kind) {
      case 'transfer': {
        this.transfer();
        return;
      }
      case 'grow': {
        this.grow(deed.votes);
        return;
      }
      case 'shrink': {
        this.shrink(deed.node, deed.stops);
        return;
      }
    }
  }

  /** Whether the group can go on should the disk of this member be lost, whichever configuration comes to stand. */
  canSpare(member: MemberId): boolean {
    const lost = new Set([...this.lost, member]);
    return this.configurations().every(({ voters }) => {
      const left = voters.filter((voter) => !lost.has(voter)).length;
      return 2 * left > voters.length;
    });
  }

  /** The member's disk is gone: another takes its place. @param format makes that one */
  replace(host: Host, member: MemberId, format: () => void): void {
    this.lost.add(member);
    format();
    const newcomer = host.record!.id;
    this.want({ kind: 'remove', member });
    this.want({ kind: 'add_learner', member: newcomer });
    this.want({ kind: 'promote', member: newcomer });
  }

  /** The group stays as it is. */
  stop(): void {
    this.isOver = true;
    this.goals.length = 0;
  }

  private transfer(): void {
    const leader = this.group.leader();
    this.group.context.coverage.count('raft: transfers asked');
    leader?.member?.process.post({
      kind: 'ask',
      ask: { request: { kind: 'transfer', to: null }, reply: () => undefined },
    });
  }

  private grow(votes: boolean): void {
    const { scenario } = this.group.context;
    if (scenario.membersAtFirst + this.hostsAdded >= scenario.hostsMax) return;
    this.hostsAdded++;
    const host = this.group.addHost(`s${scenario.membersAtFirst + this.hostsAdded}`);
    const member = host.record!.id;
    this.want({ kind: 'add_learner', member });
    if (votes) this.want({ kind: 'promote', member });
  }

  private shrink(node: string, stops: boolean): void {
    const host = node === 'leader' ? this.group.leader() : this.group.hosts.get(node);
    const member = host?.record?.id;
    const { voters } = this.group.context.invariants.commits.configuration;
    if (!host || member === undefined || voters.length <= votersMin || this.goals.length > 0) return;
    if (!this.canLeave(member)) return;
    this.want({ kind: 'remove', member }, () => {
      if (stops) this.group.retire(host);
    });
  }

  /** Without it a majority must be left that has its disks. */
  private canLeave(member: MemberId): boolean {
    return this.configurations().every(({ voters }) => {
      const rest = voters.filter((voter) => voter !== member);
      return 2 * rest.filter((voter) => !this.lost.has(voter)).length > rest.length;
    });
  }

  /** All that any log holds at its end. */
  private configurations(): Configuration[] {
    return [...this.group.records.values()].map(({ current }) => current.configuration);
  }

  private want(change: MembershipChange, done: () => void = () => undefined): void {
    this.goals.push({ change, done });
    if (!this.isAwake) this.wake();
  }

  private wake(): void {
    this.isAwake = true;
    this.group.context.timeline.after(retryMs, () => {
      this.isAwake = false;
      this.proceed();
      if (this.goals.length > 0) this.wake();
    });
  }

  private proceed(): void {
    const [goal] = this.goals;
    if (!goal || this.isOver) return;
    const { configuration } = this.group.context.invariants.commits;
    const { kind, member } = goal.change;
    if (kind !== 'remove' && this.lost.has(member)) {
      // Nobody is there to be added.
      this.goals.shift();
      return;
    }
    if (isReached(configuration, goal.change)) {
      this.goals.shift();
      this.group.context.coverage.count(`membership: ${kind}`);
      goal.done();
      return;
    }
    // The next one as well: that it has to wait is for the leader to say.
    for (const { change } of this.goals.slice(0, 2))
      this.group.leader()?.member?.process.post({
        kind: 'ask',
        ask: { request: { kind: 'change', change }, reply: () => undefined },
      });
  }
}

function isReached({ voters, learners }: Configuration, { kind, member }: MembershipChange): boolean {
  if (kind === 'promote') return voters.includes(member);
  const isMember = voters.includes(member) || learners.includes(member);
  return kind === 'remove' ? !isMember : isMember;
}
