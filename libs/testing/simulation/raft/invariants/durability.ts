import {
  type AppendAccepted,
  type HardState,
  type MemberId,
  type Message,
  type Outgoing,
} from '@nexus/core/raft';
import { hold } from '../../violation.js';
import { type MemberRecord } from '../member-record.js';
import { type Commits } from './commits.js';

/** What disks may forget, which is nothing, and what a message needs them to hold (Raft, figure 2). */
export class Durability {
  constructor(private readonly commits: Pick<Commits, 'lastIndex'>) {}

  /** A write is durable; `before` is the hard state that it found. */
  written({ id, durable }: MemberRecord, before: HardState): void {
    const now = durable.hardState;
    hold(now.term >= before.term, 'terms never go back on disk', () => `${id}: ${before.term} → ${now.term}`);
    hold(
      now.term > before.term || before.votedFor === null || now.votedFor === before.votedFor,
      'a vote stands for its term on disk',
      () =>
        `${id} voted for ${before.votedFor!} in term ${now.term}, and now for ${now.votedFor ?? 'nobody'}`,
    );
    hold(
      now.commit >= before.commit && now.commit <= durable.lastIndex,
      'the commit index never goes back on disk, and is not ahead of the log',
      () => `${id}: ${before.commit} → ${now.commit}, the log ends at ${durable.lastIndex}`,
    );
  }

  /** A message may leave from now on. Judged by the disk, not by what the message was told to wait for. */
  leaves(record: MemberRecord, { to, message }: Outgoing): void {
    hold(this.isBacked(record, to, message), 'nothing is sent before what it implies is durable', () => {
      const { term, votedFor } = record.durable.hardState;
      return (
        `${record.id} sends ${JSON.stringify({ ...message, entries: undefined, bytes: undefined })} to ${to}; ` +
        `durable: term ${term}, vote ${votedFor ?? 'none'}, log up to ${record.durable.lastIndex}`
      );
    });
    if (message.kind === 'append_accepted') this.accepts(record, message);
    // A vote whose term is over before it was written counts all the same: it cannot be given once more.
    else if (message.kind === 'vote_reply' && message.granted) record.votes.set(message.term, to);
    else if (message.kind === 'pre_vote_reply' && message.granted) record.promise(message.term, to);
  }

  private accepts({ acknowledged }: MemberRecord, { term, matchIndex }: AppendAccepted): void {
    acknowledged.index = term === acknowledged.term ? Math.max(acknowledged.index, matchIndex) : matchIndex;
    acknowledged.term = term;
  }

  private isBacked(record: MemberRecord, to: MemberId, message: Message): boolean {
    const { durable } = record;
    const { term } = durable.hardState;
    switch (message.kind) {
      case 'pre_vote_request':
        return true;
      case 'pre_vote_reply':
        return message.granted || term >= message.term;
      case 'vote_request':
        return this.isGiven(record, record.id, message.term);
      case 'vote_reply':
        return message.granted ? this.isGiven(record, to, message.term) : term >= message.term;
      case 'append_accepted':
        return term >= message.term && durable.lastIndex >= message.matchIndex;
      case 'append_request':
      case 'heartbeat':
        return term >= message.term && message.commit <= this.commits.lastIndex;
      default:
        return term >= message.term;
    }
  }

  /** Durably, or in a term that is durably over, in which nobody else got it. */
  private isGiven({ durable, votes }: MemberRecord, to: MemberId, term: number): boolean {
    const votedFor = votes.get(term);
    return votedFor === to || (votedFor === undefined && durable.hardState.term > term);
  }
}
