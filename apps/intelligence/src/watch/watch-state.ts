import { anomalySchema, demotionSchema, goalTypes, probationSchema } from '@nexus/contracts';
import { z } from 'zod';

const record = {
  /** How often it was ejected, or demoted, of late: each time is twice as long. */
  times: z.int().nonnegative(),
  /** Nothing is held against it until then, in milliseconds since 1970; 0: it may be. */
  quietUntil: z.number(),
  /** When nothing is remembered of it any more, unless something is held against it. */
  forgetAt: z.number(),
};

const agentRecordSchema = z.object({
  agentId: probationSchema.shape.agentId,
  probation: probationSchema.nullable(),
  ...record,
});
export type AgentRecord = z.infer<typeof agentRecordSchema>;

const typeRecordSchema = z.object({
  type: z.enum(goalTypes),
  demotion: demotionSchema.nullable(),
  ...record,
});
export type TypeRecord = z.infer<typeof typeRecordSchema>;

const watchStateSchema = z.object({
  agents: z.array(agentRecordSchema),
  types: z.array(typeRecordSchema),
  /** The latest first. */
  recent: z.array(anomalySchema),
});
/** What is held against whom, and what happened of late. */
export type WatchState = z.infer<typeof watchStateSchema>;

export const emptyWatchState: WatchState = { agents: [], types: [], recent: [] };

export const readWatchState = (text: string): WatchState => watchStateSchema.parse(JSON.parse(text));

/** What happened that is remembered. */
export const recentMax = 200;
/** Agents that something is held against, or remembered of, at most. */
export const recordsMax = 1_024;
