import { assert } from '@nexus/core/invariant';
import { widened } from './columns.js';
import { Nodes } from './nodes.js';
import { type LoadTableSettings } from './options.js';

/** What an agent is, as it registered. */
export interface AgentTraits {
  /** Its share relative to others, above 0. */
  readonly weight: number;
  /** How much may be in flight at it at once, an integer ≥ 1. */
  readonly window: number;
  readonly node?: string | undefined;
}

/** Weight, window and node of each agent, how far a newcomer has grown to its weight, and who is on probation. */
export class Traits {
  readonly nodes = new Nodes();
  /** As they count: what the agent declared, less while it is on probation. */
  private weights = new Float64Array(8);
  private declared = new Float64Array(8);
  private probation = new Float64Array(8).fill(1);
  private windows = new Int32Array(8);
  private nodeNumbers = new Int32Array(8);
  private growsSinceMs = new Float64Array(8);
  private foundedMs = Infinity;
  private moves = 0;
  private reweighings = 0;

  constructor(private readonly settings: LoadTableSettings) {}

  /** Changes whenever a weight does. */
  get weightChanges(): number {
    return this.reweighings;
  }

  weight(slot: number): number {
    return this.weights[slot]!;
  }

  /** Changes whenever an agent that was there before is on another node. */
  get nodeChanges(): number {
    return this.moves + this.nodes.reuses;
  }

  grow(capacity: number): void {
    this.weights = widened(this.weights, capacity);
    this.declared = widened(this.declared, capacity);
    this.probation = widened(this.probation, capacity, 1);
    this.windows = widened(this.windows, capacity);
    this.nodeNumbers = widened(this.nodeNumbers, capacity);
    this.growsSinceMs = widened(this.growsSinceMs, capacity);
  }

  /** Beside agents that are all new nobody is a newcomer: slow start begins when the table has been there for as long. */
  add(slot: number, traits: AgentTraits, nowMs: number): void {
    this.foundedMs = Math.min(this.foundedMs, nowMs);
    const isNewcomer = nowMs - this.foundedMs >= this.settings.slowStartMs;
    this.growsSinceMs[slot] = isNewcomer ? nowMs : -Infinity;
    this.probation[slot] = 1;
    this.nodeNumbers[slot] = this.nodes.join(traits.node);
    this.write(slot, traits);
  }

  change(slot: number, traits: AgentTraits): void {
    const before = this.nodeNumbers[slot]!;
    const node = this.nodes.join(traits.node);
    this.nodes.leave(before);
    if (node !== before) this.moves++;
    this.nodeNumbers[slot] = node;
    this.write(slot, traits);
  }

  remove(slot: number): void {
    this.nodes.leave(this.nodeNumbers[slot]!);
    this.nodeNumbers[slot] = -1;
    this.weigh(slot, 0);
  }

  /**
   * Lets its weight count for less.
   * @param share of its weight, above 0 and up to 1; 1: it counts in full again
   */
  setProbation(slot: number, share: number): void {
    assert(share > 0 && share <= 1, 'a share of a weight lies in (0, 1]');
    this.probation[slot] = share;
    this.weigh(slot, this.declared[slot]! * share);
  }

  /** It grows to its full share once more. */
  startSlowly(slot: number, nowMs: number): void {
    this.growsSinceMs[slot] = nowMs;
  }

  window(slot: number): number {
    return this.windows[slot]!;
  }

  node(slot: number): number {
    return this.nodeNumbers[slot]!;
  }

  /** Its weight, or as much of it as it has grown to. */
  share(slot: number, nowMs: number): number {
    const weight = this.weights[slot]!;
    const ageMs = nowMs - this.growsSinceMs[slot]!;
    const { slowStartMs, slowStartShareMin } = this.settings;
    return ageMs >= slowStartMs ? weight : weight * Math.max(slowStartShareMin, ageMs / slowStartMs);
  }

  private write(slot: number, { weight, window }: AgentTraits): void {
    assert(Number.isFinite(weight) && weight > 0, 'a weight is a finite number above 0');
    assert(Number.isInteger(window) && window >= 1, 'a window is an integer ≥ 1');
    this.windows[slot] = Math.min(window, 2 ** 31 - 1);
    this.declared[slot] = weight;
    this.weigh(slot, weight * this.probation[slot]!);
  }

  private weigh(slot: number, weight: number): void {
    if (this.weights[slot] === weight) return;
    this.weights[slot] = weight;
    this.reweighings++;
  }
}
