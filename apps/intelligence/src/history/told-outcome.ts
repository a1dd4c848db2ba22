import { featuresSchema, outcomeSchema, workSampleSchema } from '@nexus/contracts';
import { z } from 'zod';

/** What is learned from an outcome, whoever saw it. A newer version may have written more: that is no fault. */
export const learnedOutcomeSchema = z.object({
  ...outcomeSchema.pick({ type: true, choice: true, durationMs: true, success: true }).shape,
  features: z.object(featuresSchema.shape),
});
/** The same of one that a coordinator saw. */
export const seenOutcomeSchema = z.object({
  ...learnedOutcomeSchema.shape,
  ...outcomeSchema.pick({ propensity: true, user: true, traceId: true }).shape,
  choosing: z.object({ reason: z.string() }).nullish(),
});
export type LearnedOutcome = z.infer<typeof learnedOutcomeSchema>;

/** An outcome of the history. */
export interface PastOutcome extends LearnedOutcome {
  /** Of its entry: rises with the time. */
  readonly id: string;
  /** How likely the choice was; 1 where it was told. */
  readonly propensity: number;
  /** Whether chance chose, and another way than the usual one. */
  readonly explored: boolean;
  /** Whom it counts for: `c/` and a user who asked, or `u/` and one who told it. */
  readonly source: string;
  /** Empty where it was told. */
  readonly traceId: string;
}

/** Whether a user told it: nobody knows whether that is true. */
export const isTold = ({ source }: PastOutcome): boolean => source.startsWith('u/');

/** The user, who is the same whether asking or telling. */
export const userOf = ({ source }: PastOutcome): string => source.slice(2);

/** A sample of work as it is read again. */
export const keptWorkSchema = z.object({
  ...workSampleSchema.shape,
  features: z.object(workSampleSchema.shape.features.shape),
});
export type KeptWork = z.infer<typeof keptWorkSchema>;

/** A sample of work of the history. */
export interface PastWork extends KeptWork {
  readonly id: string;
}

/** When an entry of a stream was added, in milliseconds since 1970. */
export const timeOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

/** Whether an entry was added after another one. */
export const isLater = (id: string, than: string): boolean => compareIds(id, than) > 0;

/** Ids in the order of time; the empty one is before all. */
export function compareIds(left: string, right: string): number {
  if (left === '' || right === '') return left === right ? 0 : left === '' ? -1 : 1;
  const difference = timeOf(left) - timeOf(right);
  return difference === 0 ? numberOf(left) - numberOf(right) : difference;
}

const numberOf = (id: string) => Number(id.slice(id.indexOf('-') + 1));
