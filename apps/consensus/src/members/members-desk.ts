import { type ReplicaId } from '@nexus/contracts';
import { isMember, type MemberId, membersOf } from '@nexus/core/raft';
import { refusalOf } from '../gateway/refusal.js';
import { type AnswerWork, type Result } from '../gateway/work.js';
import { type ReplicaHost } from '../host/replica-host.js';
import { replicaIdOf } from '../member/member-id.js';
import { type Replica } from '../replica/replica.js';
import { type Changed } from '../replica/submission.js';

export interface MemberChange {
  readonly replicaId: ReplicaId;
  readonly withinMs: number;
}

/** Longer than between any two signs of life of a member that lives. */
const heardWithinMs = 1_000;

interface Admission {
  readonly member: MemberId;
  readonly withinMs: number;
  /** Else the steward takes it in, in the place of its predecessor. */
  readonly add: boolean;
}

/** Changes who takes part when a person asks for it. */
export class MembersDesk {
  constructor(private readonly host: Pick<ReplicaHost, 'newcomers' | 'membership'>) {}

  /**
   * Makes a newcomer a learner; the steward makes it a voter once it has caught up, and then this is answered. For who
   * votes already it is answered at once.
   */
  add(replica: Replica, { replicaId, withinMs }: MemberChange, answer: AnswerWork): void {
    if (!replica.leads) {
      answer({ kind: 'refused', reason: 'not_leader' });
      return;
    }
    const { configuration } = replica;
    const newcomer = this.host.newcomers.named(replicaId, configuration);
    const namesakes = membersOf(configuration).filter((known) => replicaIdOf(known) === replicaId);
    // Of two members of one name the later one is the learner.
    const member = newcomer ?? namesakes.at(-1);
    const predecessor = namesakes.find((known) => known !== member);
    if (member === undefined) {
      const message = `no replica called ${replicaId} asks to join: start it, with this group's NEXUS_PREFIX`;
      answer({ kind: 'failed', code: 'not_found', message });
    } else if (configuration.voters.includes(member)) {
      answer(this.membersAt(replica.appliedIndex));
    } else if (predecessor !== undefined && isHeard(predecessor, replica)) {
      const message = `a member called ${replicaId} lives, with another log: stop one of the two, or remove that member`;
      answer({ kind: 'failed', code: 'conflict', message });
    } else {
      const add = newcomer !== undefined && predecessor === undefined;
      this.awaitVoter(replica, { member, withinMs, add }, answer);
    }
  }

  /**
   * Takes a member out; of two of one name the one that votes. Who is no member cannot be removed: the name may be
   * mistyped. The leader itself may be removed: it leaves once that is committed (dissertation, §4.2.2).
   */
  remove(replica: Replica, { replicaId }: MemberChange, answer: AnswerWork): void {
    if (!replica.leads) {
      answer({ kind: 'refused', reason: 'not_leader' });
      return;
    }
    const member = membersOf(replica.configuration).find((known) => replicaIdOf(known) === replicaId);
    if (member === undefined) {
      answer({ kind: 'failed', code: 'not_found', message: `no member is called ${replicaId}` });
      return;
    }
    replica.change({ kind: 'remove', member }, (changed) => answer(this.resultOf(changed)));
  }

  private awaitVoter(replica: Replica, { member, withinMs, add }: Admission, answer: AnswerWork): void {
    let settled = false;
    let learns = replica.configuration.learners.includes(member);
    const settle: AnswerWork = (result) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      unwatch();
      answer(result);
    };
    const unwatch = replica.watch({
      members: (index, configuration) => {
        learns = isMember(configuration, member);
        if (configuration.voters.includes(member)) settle(this.membersAt(index));
      },
      failed: () => settle({ kind: 'unknown' }),
    });
    const timer = setTimeout(
      () => settle(learns || !add ? waiting(member, learns) : { kind: 'unknown' }),
      withinMs,
    );
    // Whoever waits lives elsewhere; a process that ends need not wait for this.
    timer.unref();
    if (!add) return;
    replica.change({ kind: 'add_learner', member }, (changed) => {
      // The steward may have been faster.
      const isAdded = changed.kind === 'refused' && changed.reason === 'already_member';
      if (changed.kind !== 'committed' && !isAdded) settle(this.resultOf(changed));
    });
  }

  private resultOf(changed: Changed): Result {
    if (changed.kind === 'committed') return this.membersAt(changed.index);
    return changed.kind === 'unknown' ? changed : refusalOf(changed);
  }

  private membersAt(index: number): Result {
    return { kind: 'members', index, members: this.host.membership };
  }
}

const isHeard = (member: MemberId, replica: Replica): boolean =>
  member === replica.self || replica.silentMs(member) < heardWithinMs;

function waiting(member: MemberId, learns: boolean): Result {
  const name = replicaIdOf(member);
  const message = learns
    ? `${name} is still catching up; it will vote once it has`
    : `the earlier ${name} was heard too lately; it is replaced once it has been silent for long enough`;
  return { kind: 'failed', code: 'unavailable', message };
}
