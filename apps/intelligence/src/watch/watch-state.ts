import { type Anomaly, anomalySchema, goalTypes } from '@nexus/contracts';
import { z } from 'zod';
import { type AgentWatchState, blankAgentWatch } from './agent-watch.js';
import { blankGoalWatch, type GoalWatchState } from './goal-watch.js';

/** What is usual, what is held against whom, and what happened of late. */
export interface WatchState {
  readonly agents: AgentWatchState;
  readonly goals: GoalWatchState;
  /** The latest first. */
  readonly recent: readonly Anomaly[];
}

export const blankWatch: WatchState = { agents: blankAgentWatch, goals: blankGoalWatch, recent: [] };

/** What happened that is remembered. */
export const recentMax = 200;

const atMs = z.number();
const heldSchema = z.object({
  step: z.union([z.literal(0), z.literal(1)]),
  rounds: z.int().nonnegative(),
  ...{ sinceMs: atMs, untilMs: atMs },
});
const usualAgentSchema = z.object({
  ...{ residualLog: z.number(), latencyMs: z.number(), failureShare: z.number() },
  judgedAtMs: atMs,
});
const usualGoalSchema = z.object({ residualLog: z.number(), durationMs: z.number(), success: z.number() });
const byAgent = <V extends z.ZodType>(value: V) => z.record(z.string(), value);
const byType = <V extends z.ZodType>(value: V) => z.partialRecord(z.enum(goalTypes), value);

const watchStateSchema: z.ZodType<WatchState> = z.object({
  agents: z.object({ usual: byAgent(usualAgentSchema), held: byAgent(heldSchema), quiet: byAgent(atMs) }),
  goals: z.object({ usual: byType(usualGoalSchema), held: byType(heldSchema), quiet: byType(atMs) }),
  recent: z.array(anomalySchema),
});

/** Reads what was written; nothing was for an empty text. */
export const readWatchState = (text: string): WatchState =>
  text === '' ? blankWatch : watchStateSchema.parse(JSON.parse(text));

/** Four digits behind the point: what is remembered of a thousand agents is written anew every few seconds. */
export const writeWatchState = (state: WatchState): string =>
  JSON.stringify(state, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value,
  );
