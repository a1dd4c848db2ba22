import { type ModelsReply, NexusError } from '@nexus/contracts';
import { formatDuration } from '@nexus/platform/terminal';
import { type Link } from '../connect/open-client.js';
import { Advised } from '../ending/next-step.js';
import { IntelligenceDoor } from './ask-intelligence.js';

/** How learning stands. */
export interface ModelFigures {
  /** Types of goal with a model in use. */
  readonly inUse: number;
  readonly lastTrainedAt: string | null;
  readonly overdue: boolean;
  /** Outcomes in the history. */
  readonly outcomes: number;
  /** What is to be looked at, a sentence each. */
  readonly faults: readonly string[];
}

/** Undefined when no intelligence service answers. */
export async function surveyModels(
  link: Pick<Link, 'connection' | 'replies' | 'prefix'>,
): Promise<ModelFigures | undefined> {
  try {
    return modelFigures(await new IntelligenceDoor(link).models({ limit: 1 }));
  } catch (thrown) {
    if (thrown instanceof Advised || thrown instanceof NexusError) return undefined;
    throw thrown;
  }
}

/** @internal exported for its spec */
export function modelFigures({ models, training, history }: ModelsReply): ModelFigures {
  const inUse = new Set(models.flatMap(({ type, state }) => (state === 'champion' ? [type] : []))).size;
  const { lastTrainedAt, overdue } = training;
  const faults = overdue ? [overdueText(training)] : [];
  return { inUse, lastTrainedAt, overdue, outcomes: history.outcomes, faults };
}

/** That the schedule stands still. */
export const overdueText = ({ everyMs }: ModelsReply['training']): string =>
  `nothing was trained for longer than it should have been (every ${formatDuration(everyMs)})`;

/** In a few words. */
export const modelsText = ({ inUse, lastTrainedAt, outcomes }: ModelFigures, nowMs: number): string =>
  `${inUse} in use, ${lastTrainedAt === null ? 'nothing trained yet' : `trained ${agoText(lastTrainedAt, nowMs)}`}, ` +
  `${outcomes} outcomes known`;

export const agoText = (at: string, nowMs: number): string =>
  `${formatDuration(Math.max(0, nowMs - Date.parse(at)))} ago`;
