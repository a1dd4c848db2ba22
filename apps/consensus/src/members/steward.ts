import { Logger } from '@nestjs/common';
import { type MemberId, type MembershipChange, membersOf } from '@nexus/core/raft';
import { type ReplicaHost } from '../host/replica-host.js';
import { replicaIdOf } from '../member/member-id.js';
import { type Clock, systemClock } from '../replica/clock.js';
import { type Replica } from '../replica/replica.js';

const lookEveryMs = 200;
/** Two looks further apart than that: the process was held up in between. */
const lookGapMsMax = 2 * lookEveryMs;

/**
 * Brings the members to what they are meant to be, one change at a time, wherever this replica leads: learners vote once
 * they have caught up, and a replica that came back without its log takes the place of what it was. Each step is seen
 * from the configuration alone, so that the next leader goes on where this one ended: the newcomer learns, its silent
 * predecessor goes, the newcomer votes.
 *
 * Silence counts only while this replica listened: what was said to a process that was held up it hears late, or never.
 */
export class Steward {
  private readonly logger = new Logger('Members');
  /** Ends the looks. */
  readonly stop: () => void;
  private changing = false;
  private lookedAtMs: number;
  /** Since when it leads, was not held up, and removed nobody. */
  private attentiveSinceMs: number;

  /** @param replaceAfterMs silence after which a member may be replaced by its successor */
  constructor(
    private readonly host: Pick<ReplicaHost, 'replica' | 'newcomers' | 'watch'>,
    private readonly replaceAfterMs: number,
    private readonly clock: Clock = systemClock,
  ) {
    this.lookedAtMs = this.attentiveSinceMs = clock.nowMs();
    host.watch({
      standing: ({ role }, before) => {
        if (role === 'leader' && before.role !== 'leader') this.attentiveSinceMs = this.clock.nowMs();
      },
    });
    this.stop = clock.every(lookEveryMs, () => this.look());
  }

  private look(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.lookedAtMs > lookGapMsMax) this.attentiveSinceMs = nowMs;
    this.lookedAtMs = nowMs;
    const { replica } = this.host;
    if (!replica?.leads || this.changing) return;
    const change = this.nextChange(replica);
    if (change === undefined) return;
    this.changing = true;
    replica.change(change, (changed) => {
      this.changing = false;
      // A learner that has not caught up yet is asked for again; that is no news.
      if (changed.kind !== 'committed') return;
      this.logger.log(`${change.kind} ${change.member} at ${changed.index}`);
      // Whatever silences several members at once is rather this replica's trouble than theirs: one after the other.
      if (change.kind === 'remove') this.attentiveSinceMs = this.clock.nowMs();
    });
  }

  private nextChange(replica: Replica): MembershipChange | undefined {
    const { configuration } = replica;
    for (const learner of configuration.learners) {
      const predecessor = this.predecessorOf(learner, replica);
      if (predecessor === undefined) return { kind: 'promote', member: learner };
      if (this.isGone(predecessor, replica)) return { kind: 'remove', member: predecessor };
    }
    for (const newcomer of this.host.newcomers.outside(configuration)) {
      const predecessor = this.predecessorOf(newcomer, replica);
      if (predecessor !== undefined && this.isGone(predecessor, replica)) {
        return { kind: 'add_learner', member: newcomer };
      }
    }
    return undefined;
  }

  /** The member of the same name and another log. */
  private predecessorOf(member: MemberId, { configuration }: Replica): MemberId | undefined {
    const name = replicaIdOf(member);
    return membersOf(configuration).find((other) => other !== member && replicaIdOf(other) === name);
  }

  private isGone(member: MemberId, replica: Replica): boolean {
    const listenedMs = this.clock.nowMs() - this.attentiveSinceMs;
    return member !== replica.self && Math.min(listenedMs, replica.silentMs(member)) >= this.replaceAfterMs;
  }
}
