import { type AgentId, type GatherResult } from '@nexus/contracts';
import { createAggregator, resolvePointer } from '@nexus/core/aggregation';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Account, type GoalOf, type Pattern } from '../ladder/layer.js';
import { shortfall, statusOf } from './accounting.js';
import { askAll, type Asked, type Question } from './ask.js';

type Gather = Coordination<GoalOf<'gather'>>;

/** Asks every agent on its own subject and brings the answers together. */
export class GatherPattern implements Pattern<'gather', Question, Asked> {
  readonly strategy = 'foundation';

  constructor(private readonly line: AgentLine) {}

  plan({ goal, parts }: Gather): Question {
    return {
      kind: 'gather',
      payload: goal.payload,
      onAnswered: (agentId, data) => parts.push('responses', { agentId: agentId as AgentId, data }),
    };
  }

  execute(coordination: Gather, question: Question): Promise<Asked> {
    return askAll(this.line, coordination, question);
  }

  account(coordination: Gather, _question: Question, { roster }: Asked): Account<'gather'> {
    const { goal, targeted } = coordination;
    const responses = roster
      .answered()
      .map(({ agentId, value }) => ({ agentId: agentId as AgentId, data: value }));
    return {
      status: statusOf({
        done: responses.length,
        of: targeted,
        ...(goal.minResponses !== undefined && { atLeast: goal.minResponses }),
      }),
      result: { responses, ...shortfall(roster, coordination), ...aggregateOf(goal, responses) },
    };
  }
}

function aggregateOf(
  { aggregate, field = '' }: GoalOf<'gather'>,
  responses: GatherResult['responses'],
): Pick<GatherResult, 'aggregate' | 'sampleSize'> {
  if (aggregate === 'list') return {};
  const aggregator = createAggregator(aggregate);
  for (const { data } of responses) {
    const found = resolvePointer(data, field);
    if (found.kind === 'found') aggregator.add(found.value);
  }
  const { value, sampleSize } = aggregator.result();
  return { aggregate: value, sampleSize };
}
