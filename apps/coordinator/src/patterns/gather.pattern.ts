import {
  type AgentId,
  type AgentResponse,
  type GatherResult,
  limits,
  type StrategyName,
} from '@nexus/contracts';
import { type Aggregator, createAggregator, resolvePointer } from '@nexus/core/aggregation';
import { type Coordination } from '../coordination/coordination.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { type Asked, type Asker, type Question } from './asker.js';

type Gather = Coordination<GoalOf<'gather'>>;

/**
 * Asks every agent and brings the answers together. What is aggregated is aggregated as it comes: over a large fleet the
 * answers themselves are not kept.
 */
export class GatherPattern implements Pattern<'gather', Question, Asked> {
  constructor(
    readonly strategy: StrategyName,
    private readonly asker: Asker,
  ) {}

  plan(coordination: Gather): Question {
    const { goal, parts } = coordination;
    const aggregator = aggregatorOf(coordination);
    return {
      kind: 'gather',
      payload: goal.payload,
      keepsAnswers: keepsAnswers(coordination),
      needsRoom: needsRoom(coordination),
      onAnswered: (agentId, data) => {
        if (aggregator) add(aggregator, data, goal.field);
        parts.push('responses', { agentId: agentId as AgentId, data });
      },
      ...mergeOf(coordination, aggregator),
    };
  }

  execute(coordination: Gather, question: Question): Promise<Asked> {
    return this.asker.ask(coordination, question);
  }

  account(coordination: Gather, _question: Question, { roster, relaying }: Asked): Account<'gather'> {
    const { goal, targeted } = coordination;
    const answered = roster.answered();
    const responses: AgentResponse[] = keepsAnswers(coordination)
      ? answered.map(({ agentId, value }) => ({ agentId: agentId as AgentId, data: value }))
      : [];
    return {
      status: statusOf({
        done: answered.length,
        of: targeted,
        ...(goal.minResponses !== undefined && { atLeast: goal.minResponses }),
      }),
      result: { responses, ...shortfall(roster, coordination), ...aggregateOf(coordination) },
      ...(relaying && { explain: { relaying } }),
    };
  }
}

const keepsAnswers = ({ goal, targeted }: Gather): boolean =>
  goal.aggregate === 'list' || targeted <= limits.aggregateListAgentsMax;

/** A majority keeps one of each kind of answer, and they may all differ; a stream shows what nobody keeps. */
const needsRoom = (coordination: Gather): boolean =>
  keepsAnswers(coordination) || coordination.request.stream || coordination.goal.aggregate === 'majority';

/** What came before a layer failed counts as well, so the aggregate is handed down like the roster. */
const aggregatorOf = (coordination: Gather): Aggregator | undefined => {
  const { aggregate } = coordination.goal;
  if (aggregate === 'list') return undefined;
  return coordination.handedDown('aggregator', () => createAggregator(aggregate));
};

/** Where nobody is shown the answers, neither at the end nor as they come. */
function mergeOf(coordination: Gather, aggregator: Aggregator | undefined): Pick<Question, 'merge'> {
  const { goal, request } = coordination;
  if (!aggregator || goal.aggregate === 'list' || keepsAnswers(coordination) || request.stream) return {};
  const { aggregate: name, field = '' } = goal;
  return { merge: { name, field, absorb: (state) => aggregator.absorb(state) } };
}

function add(aggregator: Aggregator, data: unknown, field = ''): void {
  const found = resolvePointer(data, field);
  if (found.kind === 'found') aggregator.add(found.value);
}

function aggregateOf(coordination: Gather): Pick<GatherResult, 'aggregate' | 'sampleSize'> {
  const aggregator = aggregatorOf(coordination);
  if (!aggregator) return {};
  const { value, sampleSize } = aggregator.result();
  return { aggregate: value, sampleSize };
}
