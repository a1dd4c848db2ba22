import { type MemberId } from './configuration.js';
import { type Member } from './member.js';
import { type PreVoteRequest, type VoteRequest } from './message.js';

// Who is asked for a vote. The configuration plays no part: the entry that makes the candidate, or this member, a voter
// may not have come yet (dissertation, §4.1).

/**
 * Dissertation, §9.6: would it win? A promise of nothing: term, vote and timer stay. A refusal tells this member's term,
 * so that who lags behind learns of a newer one.
 */
export function answerPreVote(
  member: Member,
  from: MemberId,
  { term, lastIndex, lastTerm }: PreVoteRequest,
): void {
  const granted =
    term > member.term && !member.hearsLeader && member.isUpToDate({ index: lastIndex, term: lastTerm });
  member.send(from, { kind: 'pre_vote_reply', term: granted ? term : member.term, granted });
}

/**
 * Dissertation, §4.2.3: who hears a leader does not let itself be talked into a newer term by members that do not, such as
 * removed ones. When the leader itself asked for the election, it is no reason.
 */
export const ignoresVoteRequest = (member: Member, { term, transfer }: VoteRequest): boolean =>
  term > member.term && member.hearsLeader && !transfer;

/** Raft, §5.2 and §5.4.1: one vote a term, for a log that is at least as up to date. A newer term was adopted before. */
export function answerVote(member: Member, from: MemberId, { term, lastIndex, lastTerm }: VoteRequest): void {
  const free = member.votedFor === null && member.leader === null;
  const granted =
    term === member.term &&
    (free || member.votedFor === from) &&
    member.isUpToDate({ index: lastIndex, term: lastTerm });
  if (granted) {
    member.voteFor(from);
    member.timer.restart();
  }
  member.send(from, { kind: 'vote_reply', term: member.term, granted });
}
