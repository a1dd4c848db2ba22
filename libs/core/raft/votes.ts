import { type MemberId } from './configuration.js';
import { majorityOf } from './quorum.js';

export type Verdict = 'won' | 'lost' | 'open';

/**
 * The votes of one campaign, by voter: a reply that comes twice, or from who has no vote, counts nothing. Replies of
 * other terms never get here.
 */
export class Votes {
  private readonly cast = new Map<MemberId, boolean>();

  constructor(private readonly voters: readonly MemberId[]) {}

  record(voter: MemberId, granted: boolean): void {
    if (this.voters.includes(voter) && !this.cast.has(voter)) this.cast.set(voter, granted);
  }

  get verdict(): Verdict {
    let granted = 0;
    for (const vote of this.cast.values()) if (vote) granted++;
    const refused = this.cast.size - granted;
    const majority = majorityOf(this.voters.length);
    if (granted >= majority) return 'won';
    return this.voters.length - refused < majority ? 'lost' : 'open';
  }
}
