import { z } from 'zod';
import { algorithmSchema } from './coordinate.js';

const durationMs = z.int().positive();

/** What clients may do that share work out by themselves, as a coordinator says. */
export const directPolicySchema = z.object({
  direct: z
    .boolean()
    .describe('Whether they may send work straight to agents; else all goes through a coordinator.'),
  reason: z.string().optional().describe('Why not.'),
  algorithms: z
    .array(algorithmSchema)
    .describe(
      'Those that they may choose agents by; work that names another one goes through a coordinator. A client’s round ' +
        'robin counts what it sends itself: all clients together are less even than the coordinators, which share numbers.',
    ),
  algorithm: algorithmSchema.describe('By which they choose for work that names none.'),
  agentWindow: z
    .int()
    .min(1)
    .describe('Work that one client keeps under way at an agent that declared no `maxConcurrency`.'),
  attemptsMax: z.int().min(1).max(10).describe('Agents that a unit of work is sent to, at most.'),
  retryRatio: z.number().min(0).max(1).describe('Retries that each unit of work earns.'),
  retriesPerS: z.number().nonnegative().max(1_000).describe('Retries that are granted on top.'),
  payloadBytesMax: z
    .int()
    .positive()
    .describe('Larger payloads go through a coordinator, which says what of it.'),
  timeoutMsMax: durationMs.describe(
    'Work that may take longer goes through a coordinator, which says what of it.',
  ),
  staleAfterMs: durationMs.describe(
    'A route table that was not confirmed for so long is not to be used: work goes through a coordinator.',
  ),
  ttlMs: durationMs.describe('For how long this holds. It is asked for anew before.'),
});
export type DirectPolicy = z.infer<typeof directPolicySchema>;
