import { strategyModelSchema } from '@nexus/contracts';
import { z } from 'zod';

/** A version of a strategy model as it is kept. */
export const storedModelSchema = z.object({
  model: strategyModelSchema,
  state: z.enum(['champion', 'former', 'rejected', 'rolled_back']),
  reason: z.string(),
  /** The latest outcome that its tree was fitted to: what came later judges it fairly. */
  fittedTo: z.string(),
  /** The latest outcome there was when it was promoted; empty when it never was. */
  promotedAt: z.string(),
});
export type StoredModel = z.infer<typeof storedModelSchema>;
