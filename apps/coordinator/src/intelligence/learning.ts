import {
  type Choice,
  choicesOf,
  type CoordinateReply,
  type ErrorCode,
  layerNames,
  type LayerName,
  NexusError,
  type Outcome,
  type WorkSample,
} from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type Considered, type Considering, isWaitedFor } from './considering.js';
import { OutcomeSample } from './outcome-sample.js';
import { type Situations } from './situations.js';
import { successOf } from './success.js';
import { type WorkSampler } from './work-sampler.js';

/** Outcomes that are kept from one report to the next. */
const outcomesMax = 80;

/** Faults that say something of how it was done; all others are the caller's own. */
const telling: ReadonlySet<ErrorCode> = new Set([
  'unavailable',
  'deadline_exceeded',
  'overloaded',
  'internal',
]);

export interface LearningOptions {
  readonly considering: Considering;
  readonly situations: Situations;
  readonly work: WorkSampler;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Notes what coordinations come to, for the models to learn from. */
export class Learning {
  private readonly sample: OutcomeSample;

  constructor(private readonly options: LearningOptions) {
    this.sample = new OutcomeSample(outcomesMax, options.random);
  }

  /** Looks at a coordination before anything is done. */
  started(coordination: Coordination): Considered {
    return this.options.considering.of(coordination);
  }

  /** A coordination came to its reply. */
  served(coordination: Coordination, reply: CoordinateReply): void {
    if (!isWaitedFor(coordination.goal)) return;
    const { considering, situations } = this.options;
    const considered = considering.of(coordination);
    const success = successOf(reply);
    situations.note(reply.type, success);
    const { status, layer, performance } = reply;
    this.offer(coordination, considered, {
      ...{ status, layer, success, choice: choiceServed(considered, reply) },
      durationMs: performance.durationMs,
    });
  }

  /** A coordination ended with an error instead of a reply. */
  failed(coordination: Coordination, thrown: unknown): void {
    if (!isWaitedFor(coordination.goal) || !telling.has(NexusError.from(thrown).code)) return;
    const { considering, situations } = this.options;
    const considered = considering.of(coordination);
    situations.note(coordination.goal.type, 0);
    const { choosing } = considered;
    this.offer(coordination, considered, {
      ...{ status: 'failed', success: 0, choice: choosing?.choice ?? choiceAsked(coordination) },
      layer: choosing?.serving ? 'intelligence' : lower(coordination.maxLayer, 'performance'),
      durationMs: coordination.deadline.elapsedMs,
    });
  }

  /** What was kept since it was taken last. */
  take(): { readonly outcomes: readonly Outcome[]; readonly work: readonly WorkSample[] } {
    return { outcomes: this.sample.take(), work: this.options.work.take() };
  }

  private offer(
    { id, user, goal, traceId }: Coordination,
    { features, choosing, usualPropensity, candidates }: Considered,
    end: Pick<Outcome, 'status' | 'layer' | 'durationMs' | 'success' | 'choice'>,
  ): void {
    const isExplored = choosing?.reason === 'explored';
    this.sample.offer({ type: goal.type, user, isExplored }, () => {
      const outcome = {
        ...{ coordinationId: id, type: goal.type, user, features, traceId },
        at: new Date().toISOString(),
        ...end,
        propensity: choosing?.propensity ?? 1,
        choosing: choosing ? { ...choosing, candidates: candidates() } : null,
      };
      return { outcome, usualPropensity, isExplored };
    });
  }
}

/**
 * What was chosen: what came of it has in it what it took to fall, if it failed. Where an order kept all but the foundation
 * away, it is what was done.
 */
function choiceServed(
  { choosing }: Considered,
  { layer, strategy, explain, fallbacks }: CoordinateReply,
): Choice {
  const isKeptAway = layer === 'foundation' && fallbacks.length === 0;
  if (choosing && !isKeptAway) return choosing.choice;
  return explain.balancing?.algorithm ?? strategy;
}

/** How it was to be done where nothing was chosen. */
function choiceAsked({ request: { strategy }, goal }: Coordination): Choice {
  if (strategy !== null) return strategy;
  return goal.type === 'load_balance' && goal.algorithm !== 'adaptive'
    ? goal.algorithm
    : choicesOf[goal.type][0];
}

const lower = (one: LayerName, other: LayerName): LayerName =>
  layerNames.indexOf(one) < layerNames.indexOf(other) ? one : other;
