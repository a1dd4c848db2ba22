import { type ReplicaId } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { refusalOf } from '../gateway/refusal.js';
import { type AnswerWork, type Result } from '../gateway/work.js';
import { type ReplicaHost } from '../host/replica-host.js';
import { membersOf, replicaIdOf } from '../member/member-id.js';
import { type Replica } from '../replica/replica.js';
import { type Changed } from '../replica/submission.js';

export interface MemberChange {
  readonly replicaId: ReplicaId;
  readonly withinMs: number;
}

/** Changes who takes part when a person asks for it. What is so already is answered as done. */
export class MembersDesk {
  constructor(private readonly host: ReplicaHost) {}

  /** Makes a newcomer a learner; the steward makes it a voter once it has caught up, and then this is answered. */
  add(replica: Replica, { replicaId, withinMs }: MemberChange, answer: AnswerWork): void {
    if (!replica.leads) {
      answer({ kind: 'refused', reason: 'not_leader' });
      return;
    }
    const { configuration } = replica;
    const newcomer = this.host.newcomers.named(replicaId, configuration);
    const member = newcomer ?? membersOf(configuration).find((known) => replicaIdOf(known) === replicaId);
    if (member === undefined) {
      const message = `no replica called ${replicaId} asks to join: start it, with this group's cluster name`;
      answer({ kind: 'failed', code: 'not_found', message });
    } else if (configuration.voters.includes(member)) {
      answer(this.membersAt(replica.appliedIndex));
    } else {
      this.awaitVoter(replica, { member, withinMs, add: newcomer !== undefined }, answer);
    }
  }

  /** The leader itself may be removed: it leaves once that is committed (dissertation, §4.2.2). */
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

  private awaitVoter(
    replica: Replica,
    { member, withinMs, add }: { member: MemberId; withinMs: number; add: boolean },
    answer: AnswerWork,
  ): void {
    const settle: AnswerWork = (result) => {
      clearTimeout(timer);
      unwatch();
      answer(result);
    };
    const unwatch = replica.watch({
      members: (index, { voters }) => {
        if (voters.includes(member)) settle(this.membersAt(index));
      },
    });
    const message = `${replicaIdOf(member)} is still catching up; it will vote once it has`;
    const timer = setTimeout(() => settle({ kind: 'failed', code: 'unavailable', message }), withinMs);
    if (!add) return;
    replica.change({ kind: 'add_learner', member }, (changed) => {
      if (changed.kind !== 'committed') settle(this.resultOf(changed));
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
