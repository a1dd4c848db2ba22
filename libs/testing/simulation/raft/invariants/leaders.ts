import { type MemberId, type Message } from '@nexus/core/raft';
import { hold } from '../../violation.js';
import { type MemberRecord } from '../member-record.js';
import { type Commits } from './commits.js';
import { becameLeader, hasQuorum, leads, stands, type Stepped } from './stepped.js';

/** Election safety and leader completeness (Raft, figure 3). */
export class Leaders {
  private readonly byTerm = new Map<number, MemberId>();

  constructor(
    private readonly records: ReadonlyMap<MemberId, MemberRecord>,
    private readonly commits: Commits,
  ) {}

  /** How many terms had a leader. */
  get elected(): number {
    return this.byTerm.size;
  }

  stepped(step: Stepped): void {
    const { record, before, after, effects } = step;
    hold(after.term >= before.term, 'terms only grow', () => `${record.id}: ${before.term} → ${after.term}`);
    this.judgeVotes(step);
    if (stands(step)) this.judgeCandidate(step);
    if (becameLeader(step)) this.judge(step);
    else if (leads(after)) {
      hold(
        effects.write?.truncateFrom === undefined && effects.restore === null,
        'a leader only appends to its log',
        () => `${record.id} in term ${after.term} truncates or replaces it`,
      );
    }
  }

  /** Raft, §5.4.1. Within the step the log was one of these, or between them. */
  private judgeVotes({ record, inputs, effects, logEnds }: Stepped): void {
    for (const { to, message } of effects.messages) {
      if (message.kind !== 'vote_reply' || !message.granted) continue;
      const asked = inputs.find(
        (input) =>
          input.kind === 'message' && input.from === to && isVoteRequest(input.message, message.term),
      );
      if (asked?.kind !== 'message' || asked.message.kind !== 'vote_request') continue;
      const { lastIndex, lastTerm } = asked.message;
      hold(
        logEnds.some(({ index, term }) => lastTerm > term || (lastTerm === term && lastIndex >= index)),
        'a vote goes to a log that is at least as up to date',
        () => `${record.id} votes for ${to}, whose log ends at ${lastIndex} of term ${lastTerm}`,
      );
    }
  }

  /** Dissertation, §9.6: who stood without would push the group into new terms for nothing. */
  private judgeCandidate({ record, after, configurations, inputs, effects }: Stepped): void {
    const asked = effects.messages
      .filter(({ message }) => message.kind === 'vote_request')
      .map(({ to }) => to);
    hold(
      configurations.some(({ voters }) =>
        voters.every((voter) => voter === record.id || asked.includes(voter)),
      ),
      'a candidate asks the voters of the last configuration in its log',
      () => `${record.id} asks ${asked.join()} in term ${after.term}`,
    );
    if (inputs.some((input) => input.kind === 'message' && input.message.kind === 'timeout_now')) return;
    const promises = (voter: MemberId) =>
      voter === record.id || this.records.get(voter)?.promises.get(after.term)?.has(record.id) === true;
    hold(
      hasQuorum(configurations, promises),
      'who stands for election has the pre-votes of a majority',
      () => `${record.id} stands in term ${after.term} without`,
    );
  }

  private judge({ record, after, configurations }: Stepped): void {
    const { term } = after;
    const other = this.byTerm.get(term);
    hold(
      other === undefined,
      'at most one leader a term',
      () => `${other!} and ${record.id} both lead term ${term}`,
    );
    this.byTerm.set(term, record.id);
    hold(
      hasQuorum(configurations, (voter) => this.records.get(voter)?.votes.get(term) === record.id),
      'a leader has the durable votes of a majority',
      () => `${record.id} leads term ${term} without`,
    );
    const { lastIndex } = this.commits;
    const { current } = record;
    hold(
      current.snapshot.index >= lastIndex || current.termAt(lastIndex) === this.commits.termAt(lastIndex),
      'a leader holds all that is committed',
      () => `${record.id} leads term ${term} without entry ${lastIndex}`,
    );
  }
}

function isVoteRequest(message: Message, term: number): boolean {
  return message.kind === 'vote_request' && message.term === term;
}
