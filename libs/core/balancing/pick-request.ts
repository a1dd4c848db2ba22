import { assert } from '@nexus/core/invariant';
import { type Candidates } from './candidates.js';
import { noNode } from './table/nodes.js';

/** No number, no key: what a request does not have. */
export const unset = -1;

/** What is asked of a balancer. One object serves for all picks of a process: nothing is allocated for one. */
export class PickRequest {
  nowMs = 0;
  /** A number of the round robin over these candidates, an integer ≥ 0; `unset` for one by chance. */
  number = unset;
  /** `hashOf` the key whose work is to stay together; `unset` without. */
  affinity = unset;
  /** The node whose agents are preferred. */
  preferredNode: string | undefined = undefined;
  private readonly excluded = new Int32Array(3).fill(unset);
  private excludedCount = 0;

  /** @param random uniform in [0, 1) */
  constructor(
    public candidates: Candidates,
    readonly random: () => number,
  ) {}

  /** Not this one: it had the work before. Three at most, as many as there are attempts. */
  exclude(slot: number): void {
    assert(this.excludedCount < this.excluded.length, 'at most three agents are excluded');
    this.excluded[this.excludedCount++] = slot;
  }

  /** Excludes nobody any more. */
  excludeNone(): void {
    this.excluded.fill(unset);
    this.excludedCount = 0;
  }

  excludes(slot: number): boolean {
    if (this.excludedCount === 0) return false;
    const { excluded } = this;
    return excluded[0] === slot || excluded[1] === slot || excluded[2] === slot;
  }

  /** The number of the preferred node, for as long as it has agents. */
  get node(): number {
    return this.preferredNode === undefined ? noNode : this.candidates.table.nodeNumber(this.preferredNode);
  }

  /** An integer from 0 to `end` - 1 by chance. */
  randomBelow(end: number): number {
    return Math.floor(this.random() * end);
  }
}
