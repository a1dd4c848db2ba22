import { type MemberId } from '@nexus/core/raft';
import { type Applied, type Outcome, type Proposal } from '@nexus/core/replicated-state';
import { type Coverage } from '../../coverage.js';
import { hold } from '../../violation.js';
import { type Expected, KeyModel } from './key-model.js';

/** An entry's effect on the state machine of one member. */
export interface Application {
  readonly member: MemberId;
  readonly index: number;
  readonly proposal: Proposal;
  readonly applied: Applied;
}

/** All members' state machines do the same, and each proposal takes effect once (dissertation, §6.3). */
export class Applications {
  readonly keys = new KeyModel();
  /** Of the first member that applied it, by index. */
  private readonly digests: (string | undefined)[] = [];
  /** The state machine's images, by index. */
  private readonly images = new Map<number, string>();
  /** Where the proposal of a session took effect. */
  private readonly firsts = new Map<string, Outcome>();
  private greatestToken = 0;
  private readonly holders = new Map<string, { readonly owner: string; readonly token: number }>();

  constructor(private readonly coverage: Coverage) {}

  /** @param previous of the member, the entry that it applied before */
  applied(application: Application, previous: number): void {
    const { member, index, applied } = application;
    hold(
      index === previous + 1,
      'each entry is applied once, in order',
      () => `${member} applies entry ${index} after ${previous}`,
    );
    const digest = digestOf(applied);
    const known = this.digests[index];
    if (known === undefined) {
      this.digests[index] = digest;
      this.judge(application);
      this.judgeTokens(application);
    } else
      hold(
        known === digest,
        'all members come to the same outcomes',
        () => `entry ${index}: ${member} says ${digest}, another one ${known}`,
      );
  }

  /** An image of the state after an entry, made or received by a member. */
  image(member: MemberId, index: number, image: string): void {
    const known = this.images.get(index);
    if (known === undefined) this.images.set(index, image);
    else
      hold(
        known === image,
        'all members come to the same state',
        () => `${member} differs after entry ${index}`,
      );
  }

  private judge(application: Application): void {
    const { index, proposal, applied } = application;
    const { outcome, repeated } = applied;
    const { session } = proposal;
    const name = session && `${session.clientId}/${session.seq}`;
    const first = name === undefined ? undefined : this.firsts.get(name);
    if (first !== undefined) {
      this.judgeRepeat(application, first);
      return;
    }
    hold(!repeated, 'only a repeat is one', () => `entry ${index} is the first of ${name ?? 'its kind'}`);
    if (isSessionRefusal(outcome)) {
      this.coverage.count(`state: ${outcome.code}`);
      this.changesNothing(application);
      return;
    }
    if (name !== undefined) this.firsts.set(name, outcome);
    this.coverage.count(`state: ${proposal.command.type} ${outcome.kind}`);
    const expected = this.keys.apply(index, proposal.command);
    hold(
      expected === undefined || isAsExpected(outcome, expected),
      'the state machine does as its model',
      () =>
        `entry ${index}, ${JSON.stringify(proposal.command)}: ${digestOf(application.applied)}, not ${JSON.stringify(expected)}`,
    );
  }

  private judgeRepeat(application: Application, first: Outcome): void {
    const { index, applied } = application;
    const { outcome, repeated } = applied;
    this.coverage.count('state: repeats');
    const isSameOutcome = repeated && outcome.kind === first.kind && outcome.index === first.index;
    hold(
      isSameOutcome || isSessionRefusal(outcome),
      'a retry is answered with the first outcome, or refused',
      () => `entry ${index} repeats entry ${first.index} and comes to ${digestOf(applied)}`,
    );
    this.changesNothing(application);
  }

  /** Time may, and no key changes with time. */
  private changesNothing({ index, applied }: Application): void {
    hold(
      applied.changes.every(({ kind }) => kind !== 'key'),
      'a proposal takes effect once',
      () => `entry ${index} changed ${JSON.stringify(applied.changes)}`,
    );
  }

  private judgeTokens({ index, applied }: Application): void {
    for (const change of applied.changes) {
      if (change.kind !== 'lease') continue;
      const { resource, owner, fencingToken } = change;
      if (owner === null || fencingToken === null) {
        this.holders.delete(resource);
        continue;
      }
      const holder = this.holders.get(resource);
      const isFree = holder === undefined || holder.owner === owner;
      hold(
        isFree && (fencingToken > this.greatestToken || holder?.token === fencingToken),
        'a lease has one holder, and its fencing tokens only grow',
        () => `entry ${index} gives ${resource} to ${owner} with ${fencingToken}`,
      );
      this.greatestToken = Math.max(this.greatestToken, fencingToken);
      this.holders.set(resource, { owner, token: fencingToken });
    }
  }
}

function isAsExpected(outcome: Outcome, { kind, version }: Expected): boolean {
  return outcome.kind === kind && (outcome.kind !== 'done' || outcome.version === version);
}

function digestOf({ outcome, repeated, changes }: Applied): string {
  const rest = outcome.kind === 'done' ? `${outcome.version}/${outcome.fencingToken ?? '-'}` : outcome.code;
  return `${outcome.kind} at ${outcome.index}/${outcome.term} ${rest} ${repeated ? 'repeated' : 'new'} ${changes.length}`;
}

function isSessionRefusal(outcome: Outcome): outcome is Outcome & { kind: 'refused' } {
  return (
    outcome.kind === 'refused' && (outcome.code === 'session_unknown' || outcome.code === 'stale_repeat')
  );
}
