import { z } from 'zod';
import { algorithmSchema, goalTypes, layerSchema } from './coordinate.js';
import { agentIdSchema, nodeIdSchema } from './ids.js';
import { limits } from './limits.js';

const count = z.int().nonnegative();

export const metricsRequestSchema = z.strictObject({
  agents: z
    .int()
    .min(0)
    .max(limits.metricsAgentsMax)
    .default(10)
    .describe('How many of the agents that were assigned most are named, for each algorithm.'),
});
export type MetricsRequest = z.infer<typeof metricsRequestSchema>;

const quantiles = z.object({ mean: z.number().nonnegative(), p50: z.number(), p99: z.number() });

/** What became of the coordinations of one type, and of one algorithm where the type has several. */
export const coordinationFiguresSchema = z.object({
  type: z.enum(goalTypes),
  algorithm: algorithmSchema.nullable().describe('By which work was shared out; null for other types.'),
  complete: count,
  partial: count,
  failed: count,
  refused: count.describe('Answered with an error instead of a result.'),
  layers: z.partialRecord(layerSchema, count).describe('How many each layer served.'),
  agents: count.describe('Agents targeted, summed.'),
  units: z
    .object({ done: count, failed: count, assigned: count })
    .describe('Units of work: sent and done, sent and failed, or assigned without being sent.'),
  durationMs: quantiles
    .nullable()
    .describe('From buckets, each half as wide again as the one before; null before the first.'),
  throughputPerS: quantiles.omit({ mean: true }).nullable().describe('Agents, or units of work, a second.'),
});
export type CoordinationFigures = z.infer<typeof coordinationFiguresSchema>;

export const metricsReplySchema = z.object({
  scope: z
    .enum(['all', 'own'])
    .describe('`all`: summed over all coordinators. `own`: of this one alone, while Redis does not answer.'),
  coordinations: z.array(coordinationFiguresSchema).describe('Those that there were.'),
  ejections: count.describe('How often an agent was taken out of balancing for its failures.'),
  assignments: z
    .array(
      z.object({
        algorithm: algorithmSchema,
        agents: z.array(z.object({ agentId: agentIdSchema, assignments: count })),
      }),
    )
    .describe(
      'Who was assigned most, the most first. In a large fleet the counts may be too low, never too high.',
    ),
  coordinator: z
    .object({
      nodeId: nodeIdSchema,
      inFlight: count.describe('Coordinations under way.'),
      unitsInFlight: count.describe('Units of work that agents have.'),
      waiting: count.describe('Requests with work for which no agent has room.'),
      agents: count.describe('Agents that it knows.'),
      ejected: count.describe('Agents that it has taken out of balancing.'),
    })
    .describe('The coordinator that answers, at this moment.'),
});
export type MetricsReply = z.infer<typeof metricsReplySchema>;
