import { type Anomaly, anomalySchema, goalTypes } from '@nexus/contracts';
import { z } from 'zod';
import { type AgentWatchState, blankAgentWatch } from './agent-watch.js';
import { blankGoalWatch, demotionCaps, type GoalWatchState } from './goal-watch.js';

/** What is usual, what is held against whom, and what happened of late. */
export interface WatchState {
  readonly agents: AgentWatchState;
  readonly goals: GoalWatchState;
  /** The latest first. */
  readonly recent: readonly Anomaly[];
  /** For how much longer than the holding the order for it holds, in milliseconds: until the next look at it. */
  readonly graceMs: number;
}

export const blankWatch: WatchState = {
  ...{ agents: blankAgentWatch, goals: blankGoalWatch },
  ...{ recent: [], graceMs: 0 },
};

/** What happened that is remembered. */
export const recentMax = 200;

const atMs = z.number();
const held = {
  step: z.union([z.literal(0), z.literal(1)]),
  rounds: z.int().nonnegative(),
  ...{ sinceMs: atMs, untilMs: atMs },
};
const usualAgentSchema = z.object({
  ...{ residualLog: z.number(), against: z.string(), latencyMs: z.number(), failureShare: z.number() },
  judgedAtMs: atMs,
});
const usualGoalSchema = z.object({
  ...{ residualLog: z.number(), against: z.string(), durationMs: z.number(), success: z.number() },
});
const cap = z.enum(demotionCaps).nullable();
const heldGoalSchema = z.object({ ...held, caps: z.tuple([cap, cap]) });
/** As entries: in an object some ids would be names of its prototype. */
const byAgent = <T>(value: z.ZodType<T>) =>
  z.array(z.tuple([z.string(), value])).transform((entries) => new Map(entries));
const byType = <V extends z.ZodType>(value: V) => z.partialRecord(z.enum(goalTypes), value);

const watchStateSchema: z.ZodType<WatchState> = z.object({
  agents: z.object({ usual: byAgent(usualAgentSchema), held: byAgent(z.object(held)), quiet: byAgent(atMs) }),
  goals: z.object({ usual: byType(usualGoalSchema), held: byType(heldGoalSchema), quiet: byType(atMs) }),
  recent: z.array(anomalySchema),
  graceMs: z.number().nonnegative(),
});

/** Reads what was written; nothing was for an empty text. What another version of Nexus wrote is learned anew. */
export const readWatchState = (text: string): WatchState =>
  text === '' ? blankWatch : (watchStateSchema.safeParse(JSON.parse(text)).data ?? blankWatch);

/** Four digits behind the point: what is remembered of a thousand agents is written anew every few seconds. */
export const writeWatchState = (state: WatchState): string =>
  JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Map) return [...value];
    return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;
  });
