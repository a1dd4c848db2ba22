import {
  type CoordinateReply,
  type ErrorCode,
  type GoalType,
  layerNames,
  type LayerName,
  NexusError,
  type StrategyName,
} from '@nexus/contracts';
import { Defect } from '@nexus/core/invariant';
import { type Coordination } from '../coordination/coordination.js';
import { type Account, type GoalOf, type Layer, type Pattern } from './layer.js';

/** A goal served: by which layer, and which higher ones had failed before. */
export interface Served<T extends GoalType> extends Account<T> {
  readonly layer: LayerName;
  readonly strategy: StrategyName;
  readonly fallbacks: CoordinateReply['fallbacks'];
  readonly candidates: readonly LayerName[];
}

const rank = (name: LayerName) => layerNames.indexOf(name);

/** Serves a goal at the highest layer that may and can, falling to the next lower one when a layer fails. */
export class Ladder {
  private readonly descending: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.descending = [...layers].sort((a, b) => rank(b.name) - rank(a.name));
  }

  /**
   * @throws NexusError `unavailable` when no layer may serve the goal; else what the lowest one failed with
   */
  async serve<T extends GoalType>(coordination: Coordination<GoalOf<T>>, type: T): Promise<Served<T>> {
    const { maxLayer } = coordination;
    const candidates = this.descending.filter(
      (layer) => rank(layer.name) <= rank(maxLayer) && layer.patterns[type],
    );
    const fallbacks: Served<T>['fallbacks'] = [];
    for (const layer of candidates) {
      const pattern: Pattern<T> = layer.patterns[type]!;
      try {
        const plan = await pattern.plan(coordination);
        const execution = await pattern.execute(coordination, plan);
        return {
          ...pattern.account(coordination, plan, execution),
          layer: layer.name,
          strategy: pattern.strategy,
          fallbacks,
          candidates: candidates.map(({ name }) => name),
        };
      } catch (thrown) {
        // A broken assumption is no reason to try something weaker: it would hide the defect.
        if (thrown instanceof Defect) throw thrown;
        const error = NexusError.from(thrown);
        // As it was thrown: only what is no `NexusError` yet is logged with its stack at the edge.
        if (layer === candidates.at(-1) || !mayFall(type, error)) throw thrown;
        fallbacks.push({ layer: layer.name, code: error.code, message: error.message });
      }
    }
    const lowest = this.descending.at(-1)?.name ?? 'none';
    throw new NexusError(
      'unavailable',
      `no layer at or below "${maxLayer}" serves ${type}; the lowest that runs is "${lowest}"`,
    );
  }
}

/** The caller's own mistakes fail at every layer alike, and so does what there is no time left for. */
const failEverywhere: ReadonlySet<ErrorCode> = new Set([
  'invalid_argument',
  'not_found',
  'conflict',
  'payload_too_large',
  'deadline_exceeded',
]);

/** No weaker answer may pose as a decision. */
const mayFall = (type: GoalType, { code }: NexusError): boolean =>
  type !== 'consensus' && !failEverywhere.has(code);
