import { type Choice, endpoints, limits, type Outcome, type OutcomeReport } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import { Caller, type Connection, ReplyInbox } from '@nexus/wire';

const choices = ['performance_optimized', 'hierarchical'] as const satisfies Choice[];
/** So many that none is more than the share that one may be of what is learned from. */
const users = 10;

/** Gathers whose duration depends on how they are done: hierarchical is quick above 100 agents, and slow below. */
export function gathersOf(seed: number, count: number): Outcome[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, at) => gatherOf(random, at));
}

function gatherOf(random: SeededRandom, at: number): Outcome {
  const agents = random.integer(1, 200);
  const choice = random.pick(choices);
  const isQuick = choice === 'hierarchical' ? agents > 100 : agents <= 100;
  return {
    ...{ coordinationId: `gather-${at}`, type: 'gather', status: 'complete', layer: 'intelligence' },
    ...{ user: `user-${at % users}`, choice, propensity: 0.5, success: 1, choosing: null, traceId: '' },
    features: {
      ...{ agents, diversity: random.next(), complexity: 1, deadlineS: 30 },
      ...{
        latencyMs: 0.5 + random.next(),
        load: random.next(),
        active: random.integer(0, 20),
        successRate: 1,
      },
    },
    durationMs: (isQuick ? 20 : 400) * (0.9 + 0.2 * random.next()),
    at: new Date().toISOString(),
  };
}

/** Tells the intelligence service, as a coordinator does. */
export async function tell(connection: Connection, outcomes: readonly Outcome[]): Promise<void> {
  const caller = new Caller(connection, new ReplyInbox(connection), 'nexus');
  const size = limits.reportedOutcomesMax;
  for (let sequence = 0; sequence * size < outcomes.length; sequence++) {
    const report: OutcomeReport = {
      ...({ coordinatorId: 'coordinator-e2e', life: 'life-1' } as Pick<
        OutcomeReport,
        'coordinatorId' | 'life'
      >),
      ...{ sequence, outcomes: outcomes.slice(sequence * size, (sequence + 1) * size), work: [] },
    };
    await caller.call(endpoints.intelligenceOutcomes, {}, report, { timeoutMs: 5_000 });
  }
}
