import { Logger } from '@nestjs/common';
import { type MemberId, type MembershipChange } from '@nexus/core/raft';
import { type ReplicaHost } from '../host/replica-host.js';
import { membersOf, replicaIdOf } from '../member/member-id.js';
import { type Replica } from '../replica/replica.js';

const lookEveryMs = 200;

/**
 * Brings the members to what they are meant to be, one change at a time, wherever this replica leads: learners vote once
 * they have caught up, and a replica that came back without its log takes the place of what it was. Each step is seen
 * from the configuration alone, so that the next leader goes on where this one ended: the newcomer learns, its silent
 * predecessor goes, the newcomer votes.
 */
export class Steward {
  private readonly logger = new Logger('Members');
  private readonly timer: NodeJS.Timeout;
  private changing = false;
  private leadsSinceMs = Number.POSITIVE_INFINITY;

  /** @param replaceAfterMs silence after which a member may be replaced by its successor */
  constructor(
    private readonly host: ReplicaHost,
    private readonly replaceAfterMs: number,
  ) {
    host.watch({
      standing: ({ role }, before) => {
        if (role !== 'leader') this.leadsSinceMs = Number.POSITIVE_INFINITY;
        else if (before.role !== 'leader') this.leadsSinceMs = performance.now();
      },
    });
    this.timer = setInterval(() => this.look(), lookEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { replica } = this.host;
    if (!replica?.leads || this.changing) return;
    const change = this.nextChange(replica);
    if (change === undefined) return;
    this.changing = true;
    replica.change(change, (changed) => {
      this.changing = false;
      // A learner that has not caught up yet is asked for again; that is no news.
      if (changed.kind === 'committed')
        this.logger.log(`${change.kind} ${change.member} at ${changed.index}`);
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
    const ledMs = performance.now() - this.leadsSinceMs;
    return member !== replica.self && Math.min(ledMs, replica.silentMs(member)) >= this.replaceAfterMs;
  }
}
