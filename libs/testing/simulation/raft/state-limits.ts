import { type StateLimits } from '@nexus/core/replicated-state';

/** Small, so that sessions are forgotten within a run; the same at all members, as outcomes depend on them. */
export const stateLimits: Partial<StateLimits> = {
  sessionsMax: 6,
  sessionIdleMs: 1_000,
  outcomesPerSessionMax: 8,
};
