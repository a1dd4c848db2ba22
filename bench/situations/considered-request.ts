import {
  type CoordinateReply,
  coordinateRequestSchema,
  parse,
  type StrategyModelSnapshot,
  userIdSchema,
} from '@nexus/contracts';
import { type StrategyModel } from '@nexus/core/learning';
import { StrategyPredictor } from '@nexus/prediction';
import { Coordination } from '../../apps/coordinator/src/coordination/coordination.js';
import { Deadline } from '../../apps/coordinator/src/coordination/deadline.js';
import { noParts } from '../../apps/coordinator/src/coordination/part-sink.js';
import { Considering } from '../../apps/coordinator/src/intelligence/considering.js';
import { Learning } from '../../apps/coordinator/src/intelligence/learning.js';
import { Situations } from '../../apps/coordinator/src/intelligence/situations.js';
import { WorkSampler } from '../../apps/coordinator/src/intelligence/work-sampler.js';

/** So many coordinations lie between two reports. */
const perReport = 10_000;

const reply = {
  ...{ type: 'gather', status: 'complete', layer: 'intelligence', strategy: 'hierarchical', fallbacks: [] },
  ...{ explain: {}, result: { responses: [], failed: [], missing: [] } },
  performance: { durationMs: 12, agents: 10, throughputPerS: 1 },
} as unknown as CoordinateReply;

/** A gather is considered by a model, and noted when it is done; all of a coordinator's part in learning but the report. */
export function consideredRequest(model: StrategyModel): () => void {
  const { random } = Math;
  const situations = new Situations({ latencyMs: 1, load: 0.1 }, () => 1);
  const predictor = StrategyPredictor.from(snapshotOf(model))!;
  const considering = new Considering({
    models: { everHeard: true, isStale: false, strategy: () => predictor },
    orders: { isDemoted: () => false },
    ...{ situations, explorationShare: 0.05, confidenceMin: 0.8, random },
  });
  const work = new WorkSampler({ capacity: 256, nodeOf: () => undefined, random });
  const learning = new Learning({ considering, situations, work, random });
  const request = parse(
    coordinateRequestSchema,
    { agents: { all: true }, goal: { type: 'gather' } },
    'request',
  );
  const fixed = {
    ...{ id: 'c-1', request, clock: {}, traceId: 't', parts: noParts },
    user: parse(userIdSchema, 'ann', 'user'),
    targets: { agents: [], unknown: [], selector: request.agents, routes: { version: 1, ageMs: 0 } },
    deadline: new Deadline(request.goal.timeoutMs),
  };
  let count = 0;
  return () => {
    const coordination = new Coordination(fixed);
    learning.started(coordination);
    learning.served(coordination, reply);
    count += 1;
    if (count % perReport === 0) learning.take();
  };
}

function snapshotOf(model: StrategyModel): StrategyModelSnapshot {
  const nothing = { duration: null, durationOffsets: null, success: null, successOffsets: null };
  const scores = { samples: 1, heldOut: 1, value: 1, baseline: 1, gain: { expected: 0, low: 0, high: 0 } };
  return {
    ...{ type: 'gather', version: 1, trainedAt: new Date(0).toISOString(), tree: model.snapshot() },
    choices: [{ ...nothing, choice: 'performance_optimized', samples: 0 }],
    scores: { ...scores, durationErrorMs: 1, coverage: 1, coverageClaimed: 1 },
  };
}
