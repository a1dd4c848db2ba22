import { type MemberId } from './configuration.js';
import { type Member } from './member.js';

/**
 * Leadership that is being handed over (dissertation, §3.10): nothing new is accepted, the successor is brought up to date,
 * then told to stand at once. When it has not taken over after an election time-out, all goes on as before.
 */
export class Handover {
  private readonly untilTick: number;

  constructor(
    private readonly member: Member,
    readonly successor: MemberId,
  ) {
    this.untilTick = member.now + member.options.electionTicksMax;
  }

  get isOver(): boolean {
    return this.member.now >= this.untilTick;
  }

  /** Tells the successor to stand, if its log is complete: it must win against the others. */
  urge(matchIndex: number): void {
    const { member, successor } = this;
    if (matchIndex === member.log.lastIndex)
      member.send(successor, { kind: 'timeout_now', term: member.term });
  }
}
