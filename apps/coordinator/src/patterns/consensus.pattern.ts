import {
  type AgentId,
  type KeyReading,
  limits,
  NexusError,
  type Option,
  type StrategyName,
  type Vote,
  type VotePayload,
  voteAnswerSchema,
} from '@nexus/contracts';
import { count, type Count, votesNeeded } from '@nexus/core/voting';
import { type Answer } from '@nexus/wire';
import { type Coordination } from '../coordination/coordination.js';
import { type DecisionRecorder, type Recorded, votingDeadline } from '../decisions/decision-recorder.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { type Asked, type Asker, type Question } from './asker.js';

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
  /** What stood under the key before the vote; absent when nothing is to be recorded. */
  readonly standing?: KeyReading;
}

interface Elected {
  readonly votes: readonly Vote[];
  readonly tally: Count['tally'];
  readonly decided: boolean;
  readonly value: unknown;
  /** Where it stands in the log; absent when nothing was decided, or nothing is to be recorded. */
  readonly decision?: Recorded['decision'];
}

/**
 * Lets every agent vote, counts, and records what was decided in the decision log. Without `commit` what it finds is
 * the fleet's opinion, and no decision.
 */
export class ConsensusPattern implements Pattern<'consensus', Election, Elected> {
  constructor(
    readonly strategy: StrategyName,
    private readonly asker: Asker,
    private readonly recorder: DecisionRecorder,
  ) {}

  async plan(coordination: Consensus): Promise<Election> {
    const { goal, targeted, parts } = coordination;
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
        deadline: votingDeadline(coordination),
        interpret: (data) => readBallot(data, payload.options, written),
        onAnswered: (agentId, ballot) =>
          parts.push('votes', { agentId: agentId as AgentId, ...(ballot as Ballot) }),
      },
      // Nobody is asked for a vote that could not be recorded.
      ...(goal.commit && { standing: await this.recorder.standing(coordination) }),
    };
  }

  async execute(coordination: Consensus, { question, needed, standing }: Election): Promise<Elected> {
    const asked = await this.asker.ask(coordination, question);
    const elected = countVotes(coordination.goal.proposal, asked, needed);
    if (standing === undefined) return elected;
    const recorded = elected.decided
      ? await this.recorder.record(coordination, standing, elected.value)
      : await this.recorder.recordedBefore(coordination);
    return recorded ? { ...elected, decided: true, ...recorded } : elected;
  }

  account(coordination: Consensus, { needed }: Election, elected: Elected): Account<'consensus'> {
    const { votes, tally, decided, value, decision } = elected;
    return {
      status: statusOf({ done: votes.length, of: coordination.targeted }),
      result: {
        decided,
        value,
        tally: Object.fromEntries(tally),
        votes: [...votes],
        quorum: needed,
        ...(decision && { decision }),
        ...shortfall(coordination.roster, coordination),
      },
    };
  }
}

function countVotes(proposal: Proposal, { roster }: Asked, needed: number): Elected {
  const votes: Vote[] = roster
    .answered()
    .map(({ agentId, value }) => ({ agentId: agentId as AgentId, ...(value as Ballot) }));
  const ballots = votes.map(({ agentId, vote }) => ({ voter: agentId, option: vote }));
  const { tally, outcome } = count(ballots, needed);
  const decided = outcome.kind === 'decided' && !isRejection(proposal, outcome.option);
  return { votes, tally, decided, value: decided ? decidedValue(proposal, outcome.option) : null };
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
