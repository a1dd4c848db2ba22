import { type GoalType } from '@nexus/contracts';

/** A reply as the contract has it, around a result; plain JSON, so that a test may also break it. */
export const sampleReply = (type: GoalType, result: object, more: object = {}): Record<string, unknown> => ({
  coordinationId: 'c',
  type,
  status: 'complete',
  layer: 'foundation',
  strategy: 'foundation',
  fallbacks: [],
  result,
  explain: {
    requestedMaxLayer: 'adaptive',
    candidates: [],
    rule: null,
    model: null,
    evidence: null,
    routes: { version: 1, ageMs: 0 },
  },
  performance: { durationMs: 1, agents: 2, throughputPerS: 2_000 },
  clock: {},
  traceId: '',
  ...more,
});
