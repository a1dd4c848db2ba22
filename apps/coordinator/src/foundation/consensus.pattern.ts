import {
  type AgentId,
  limits,
  NexusError,
  notInThisBuild,
  type Option,
  type Vote,
  type VotePayload,
  voteAnswerSchema,
} from '@nexus/contracts';
import { count, votesNeeded } from '@nexus/core/voting';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Answer } from '../fleet/answer.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { askAll, type Asked, type Question } from './ask.js';

type Consensus = Coordination<GoalOf<'consensus'>>;
type Proposal = GoalOf<'consensus'>['proposal'];

/** A vote as it stands in the roster; null abstains. */
interface Ballot {
  readonly vote: Option | null;
  readonly reason?: string | undefined;
}

interface Election {
  /** Votes that one option needs, of all agents targeted. */
  readonly needed: number;
  readonly question: Question;
}

/** Lets every agent vote and counts. What it finds is the fleet's opinion, not a recorded decision. */
export class ConsensusPattern implements Pattern<'consensus', Election, Asked> {
  readonly strategy = 'foundation';

  constructor(private readonly line: AgentLine) {}

  plan({ goal, targeted, parts }: Consensus): Election {
    if (goal.commit) {
      throw notInThisBuild(
        'goal.commit',
        '"commit": true',
        'there is no decision log: ask with "commit": false for the vote alone',
      );
    }
    const needed = votesNeeded(goal.quorum, targeted);
    if (needed.kind === 'impossible') {
      throw new NexusError(
        'invalid_argument',
        `quorum: ${String(goal.quorum)} votes can never come from ${targeted} agents`,
        { details: [{ path: 'goal.quorum', message: `at most ${targeted}` }] },
      );
    }
    const payload = ballotPaper(goal.proposal, goal.payload);
    const written = new Set<string>();
    return {
      needed: needed.votes,
      question: {
        kind: 'vote',
        payload,
        interpret: (data) => readBallot(data, payload.options, written),
        onAnswered: (agentId, ballot) =>
          parts.push('votes', { agentId: agentId as AgentId, ...(ballot as Ballot) }),
      },
    };
  }

  execute(coordination: Consensus, { question }: Election): Promise<Asked> {
    return askAll(this.line, coordination, question);
  }

  account(coordination: Consensus, { needed }: Election, { roster }: Asked): Account<'consensus'> {
    const { goal, targeted } = coordination;
    const votes: Vote[] = roster
      .answered()
      .map(({ agentId, value }) => ({ agentId: agentId as AgentId, ...(value as Ballot) }));
    const { tally, outcome } = count(
      votes.map(({ agentId, vote }) => ({ voter: agentId, option: vote })),
      needed,
    );
    const decided = outcome.kind === 'decided' && !isRejection(goal.proposal, outcome.option);
    return {
      status: statusOf({ done: votes.length, of: targeted }),
      result: {
        decided,
        value: decided ? decidedValue(goal.proposal, outcome.option) : null,
        tally: Object.fromEntries(tally),
        votes,
        quorum: needed,
        ...shortfall(roster, coordination),
      },
    };
  }
}

const accept = 'accept';
const reject = 'reject';

/** A proposal with a value and no options is put to the vote as it stands: accept or reject. */
const isReferendum = ({ options, value }: Proposal) => !options && value !== undefined;
const isRejection = (proposal: Proposal, option: Option) => isReferendum(proposal) && option === reject;
const decidedValue = (proposal: Proposal, option: Option): unknown =>
  isReferendum(proposal) ? proposal.value : option;

function ballotPaper(proposal: Proposal, payload: unknown): VotePayload {
  const { key, value } = proposal;
  const options = proposal.options ?? (isReferendum(proposal) ? [accept, reject] : undefined);
  return {
    key,
    ...(options && { options }),
    ...(value !== undefined && { value }),
    ...(payload !== undefined && { payload }),
  };
}

/**
 * A vote for something that was not on offer is that agent's failure; it counts for nothing. Without options agents may
 * write in what they like, within a bound on how many different things: the tally has to fit one message.
 * @param written what has been written in so far
 */
function readBallot(data: unknown, options: readonly Option[] | undefined, written: Set<string>): Answer {
  const parsed = voteAnswerSchema.safeParse(data);
  if (!parsed.success) return refused('a vote is an option, or null to abstain');
  const answer = parsed.data;
  const ballot: Ballot = typeof answer === 'object' && answer !== null ? answer : { vote: answer };
  const { vote } = ballot;
  if (vote === null) return { kind: 'done', data: ballot };
  if (!options) {
    if (!written.has(String(vote)) && written.size === limits.proposalOptionsMax) {
      return refused(`more than ${limits.proposalOptionsMax} different things were voted for`);
    }
    written.add(String(vote));
    return { kind: 'done', data: ballot };
  }
  const match = options.find((option) => String(option) === String(vote));
  return match === undefined
    ? refused('voted for what is not an option')
    : { kind: 'done', data: { ...ballot, vote: match } satisfies Ballot };
}

const refused = (message: string): Answer => ({ kind: 'failed', code: 'invalid_argument', message });
