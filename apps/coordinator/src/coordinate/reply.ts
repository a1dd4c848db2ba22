import { type Clock, type CoordinateReply, type GoalType } from '@nexus/contracts';
import { type Considered } from '../intelligence/considering.js';
import { type Coordination } from '../coordination/coordination.js';
import { type Served } from '../ladder/ladder.js';

export interface ReplyParts {
  readonly served: Served<GoalType>;
  readonly considered: Considered;
  readonly clock: Clock;
}

/** Puts together what the caller gets. */
export function composeReply(
  coordination: Coordination,
  { served, considered, clock }: ReplyParts,
): CoordinateReply {
  const { deadline, request, targeted, targets } = coordination;
  const durationMs = Math.round(deadline.elapsedMs * 1_000) / 1_000;
  const reply = {
    coordinationId: coordination.id,
    type: request.goal.type,
    status: served.status,
    layer: served.layer,
    strategy: served.strategy,
    fallbacks: served.fallbacks,
    result: served.result,
    explain: {
      requestedMaxLayer: request.maxLayer,
      candidates: [...served.candidates],
      rule: null,
      model: considered.choosing ?? null,
      // Worked out for those that a model decided: all others can ask for it by `nexus.intelligence.explain`.
      evidence: considered.choosing?.serving ? considered.candidates() : null,
      routes: targets.routes,
      ...served.explain,
    },
    performance: {
      durationMs,
      agents: targeted,
      throughputPerS: durationMs === 0 ? 0 : Math.round((targeted / durationMs) * 1_000),
    },
    clock,
    traceId: coordination.traceId,
  };
  // The type of the goal and the type of its result are one and the same type parameter up to here.
  return reply as CoordinateReply;
}
