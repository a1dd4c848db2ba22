import { type MemberId } from './configuration.js';
import { type Member } from './member.js';
import { Votes, type Verdict } from './votes.js';

/**
 * `pre_vote` asks whether a campaign could be won and changes nothing (dissertation, §9.6); `vote` is the campaign of
 * Raft, §5.2; `transfer` is one that the leader asked for, which voters answer although they hear it (§3.10).
 */
export type CampaignKind = 'pre_vote' | 'vote' | 'transfer';

/** One campaign of this member: begins when it is made, and ends with a verdict, a newer term or a leader. */
export class Election {
  private readonly votes: Votes;
  /** The write that makes the vote for oneself durable; null for a pre-vote, which needs none. */
  private readonly ownVoteWrite: number | null;

  constructor(
    private readonly member: Member,
    readonly kind: CampaignKind,
  ) {
    const { voters } = member.configurations.current;
    this.votes = new Votes(voters);
    member.leader = null;
    member.timer.restart();
    if (kind === 'pre_vote') {
      member.role = 'pre_candidate';
      this.votes.record(member.self, true);
      this.ownVoteWrite = null;
    } else {
      member.role = 'candidate';
      member.adoptTerm(member.term + 1);
      member.voteFor(member.self);
      this.ownVoteWrite = member.voteWrite;
    }
    for (const voter of voters) if (voter !== member.self) this.ask(voter);
  }

  get verdict(): Verdict {
    return this.votes.verdict;
  }

  /** A reply to this very campaign, of this very term. */
  record(voter: MemberId, granted: boolean): void {
    this.votes.record(voter, granted);
  }

  /** One's own vote, too, counts only once it is durable: else a crash could let it be given twice. */
  onWritten(): void {
    const { writes, self } = this.member;
    if (this.ownVoteWrite !== null && writes.isDurable(this.ownVoteWrite)) this.votes.record(self, true);
  }

  private ask(voter: MemberId): void {
    const { member, kind } = this;
    const { index: lastIndex, term: lastTerm } = member.log.last;
    if (kind === 'pre_vote') {
      member.send(voter, { kind: 'pre_vote_request', term: member.term + 1, lastIndex, lastTerm });
    } else {
      const transfer = kind === 'transfer';
      member.send(voter, { kind: 'vote_request', term: member.term, lastIndex, lastTerm, transfer });
    }
  }
}
