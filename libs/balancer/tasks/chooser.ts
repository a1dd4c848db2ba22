import {
  type AlgorithmName,
  type Balancer,
  balancerOf,
  type BalancerOptions,
  hashOf,
  noAgent,
  PickRequest,
  unset,
} from '@nexus/core/balancing';
import { type FleetLoads } from '../fleet/fleet-loads.js';
import { type Selection } from '../fleet/selection.js';
import { type Life } from './task-run.js';

export interface ChooserOptions extends BalancerOptions {
  readonly loads: FleetLoads;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** What a choice is made by. */
export interface Wish {
  readonly algorithm: AlgorithmName;
  /** Of the round robin over the selection; undefined for a place by chance. */
  readonly number?: number | undefined;
  /** Keeps work with the same key together. */
  readonly affinity?: string | undefined;
  /** The node whose agents are preferred. */
  readonly node?: string | undefined;
}

/** A pick leaves out three agents at most. */
const excludedMax = 3;

/** Chooses agents by any of the algorithms. */
export class Chooser {
  private readonly balancers = new Map<AlgorithmName, Balancer>();
  private request: PickRequest | undefined;

  constructor(private readonly options: ChooserOptions) {}

  /**
   * The slot of the agent that is to have the work; -1 while nobody has room.
   * @param failedBy who had it before
   */
  choose(selection: Selection, wish: Wish, failedBy: readonly Life[]): number {
    const { candidates } = selection;
    if (candidates.size === 0) return noAgent;
    const { now, random, loads } = this.options;
    const request = (this.request ??= new PickRequest(candidates, random));
    request.candidates = candidates;
    request.nowMs = now();
    request.number = wish.number ?? unset;
    request.affinity = wish.affinity === undefined ? unset : hashOf(wish.affinity);
    request.preferredNode = wish.node;
    request.excludeNone();
    for (let at = Math.max(0, failedBy.length - excludedMax); at < failedBy.length; at++) {
      const { slot, generation } = failedBy[at]!;
      if (loads.table.generationOf(slot) === generation) request.exclude(slot);
    }
    return this.balancerOf(wish.algorithm).pick(request);
  }

  private balancerOf(name: AlgorithmName): Balancer {
    const known = this.balancers.get(name);
    if (known) return known;
    const balancer = balancerOf(name, this.options);
    this.balancers.set(name, balancer);
    return balancer;
  }
}
