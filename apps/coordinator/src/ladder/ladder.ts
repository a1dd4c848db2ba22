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
  /** By what they depend on, which is one of few. */
  private readonly ways = new Map<string, Way>();

  constructor(layers: readonly Layer[]) {
    this.descending = [...layers].sort((a, b) => rank(b.name) - rank(a.name));
  }

  /**
   * @throws NexusError `unavailable` when no layer may serve the goal; else what the lowest one failed with
   */
  async serve<T extends GoalType>(coordination: Coordination<GoalOf<T>>, type: T): Promise<Served<T>> {
    const { maxLayer } = coordination;
    const { candidates, names } = this.wayOf(coordination, type);
    const fallbacks: Served<T>['fallbacks'] = [];
    for (const candidate of candidates) {
      const { layer, pattern } = candidate;
      if (layer.declines?.(coordination)) continue;
      try {
        const planned = pattern.plan(coordination);
        // To wait for what is here would cost every request a turn.
        const plan: unknown = planned instanceof Promise ? await planned : planned;
        const execution = await pattern.execute(coordination, plan);
        return {
          strategy: pattern.strategy,
          ...pattern.account(coordination, plan, execution),
          layer: layer.name,
          fallbacks,
          candidates: names,
        };
      } catch (thrown) {
        // A broken assumption is no reason to try something weaker: it would hide the defect.
        if (thrown instanceof Defect) throw thrown;
        const error = NexusError.from(thrown);
        // As it was thrown: only what is no `NexusError` yet is logged with its stack at the edge.
        if (candidate === candidates.at(-1) || !mayFall(type, error, coordination)) throw thrown;
        fallbacks.push({ layer: layer.name, code: error.code, message: error.message });
      }
    }
    const lowest = this.descending.at(-1)?.name ?? 'none';
    const how = coordination.request.strategy === null ? '' : ` by ${coordination.request.strategy}`;
    throw new NexusError(
      'unavailable',
      `no layer at or below "${maxLayer}" serves ${type}${how}; the lowest that runs is "${lowest}"`,
    );
  }

  private wayOf<T extends GoalType>(coordination: Coordination<GoalOf<T>>, type: T): Way<T> {
    const { maxLayer, request } = coordination;
    const key = `${type} ${maxLayer} ${request.strategy ?? ''}`;
    const known = this.ways.get(key);
    if (known) return known as unknown as Way<T>;
    const candidates = this.candidatesFor(coordination, type);
    const way: Way<T> = { candidates, names: candidates.map(({ layer }) => layer.name) };
    this.ways.set(key, way as unknown as Way);
    return way;
  }

  /** Highest first. A strategy that was asked for is where it begins; what is below it is there to fall to. */
  private candidatesFor<T extends GoalType>(
    { maxLayer, request: { strategy } }: Coordination<GoalOf<T>>,
    type: T,
  ): Candidate<T>[] {
    const allowed = this.descending.filter((layer) => rank(layer.name) <= rank(maxLayer));
    const serving = allowed.flatMap((layer) => candidateOf(layer, layer.patterns[type]));
    if (strategy === null) return serving;
    for (const layer of allowed) {
      const ways = [layer.patterns, ...(layer.byName ?? [])].map((patterns) => patterns[type]);
      const [first] = candidateOf<T>(
        layer,
        ways.find((pattern) => pattern?.strategy === strategy),
      );
      if (first) return [first, ...serving.filter((below) => rank(below.layer.name) < rank(layer.name))];
    }
    return [];
  }
}

/** A layer that may serve, and how. */
interface Candidate<T extends GoalType> {
  readonly layer: Layer;
  readonly pattern: Pattern<T>;
}

/** All that may serve, highest first, and what they are called. */
interface Way<T extends GoalType = GoalType> {
  readonly candidates: readonly Candidate<T>[];
  readonly names: readonly LayerName[];
}

const candidateOf = <T extends GoalType>(layer: Layer, pattern: Pattern<T> | undefined): Candidate<T>[] =>
  pattern ? [{ layer, pattern }] : [];

/**
 * The caller's own mistakes fail at every layer alike, and so does what there is no time left for. Agents that are full are
 * full for every layer: one that does not see it would only give them more.
 */
const failEverywhere: ReadonlySet<ErrorCode> = new Set([
  'invalid_argument',
  'not_found',
  'conflict',
  'payload_too_large',
  'overloaded',
  'deadline_exceeded',
]);

/** No weaker answer may pose as a decision; and units of work that agents may have begun are not begun once more. */
const mayFall = (type: GoalType, { code }: NexusError, { hasSent }: Coordination): boolean =>
  type !== 'consensus' && !(type === 'load_balance' && hasSent) && !failEverywhere.has(code);
