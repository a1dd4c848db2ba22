import { assert } from '@nexus/core/invariant';
import { type KeyChange } from './message.js';

/** Superseded changes are swept out when they are more than the others, and more than this. */
const sweepAtLeast = 16;

/**
 * The keys of one member, and the order in which they changed last: the latest change of each key, the removed ones
 * included until their tombstones are collected. What comes after a version is found without a look at the rest.
 */
export class KeyLog {
  private readonly latest = new Map<string, KeyChange>();
  /** In the order of versions; some are superseded by later ones of their keys. */
  private log: KeyChange[] = [];

  /** Keys, tombstones included. */
  get size(): number {
    return this.latest.size;
  }

  has(key: string): boolean {
    return this.latest.has(key);
  }

  /** Null: there is none, or it was removed. */
  get(key: string): string | null {
    return this.latest.get(key)?.value ?? null;
  }

  append(change: KeyChange): void {
    assert(change.version > (this.log.at(-1)?.version ?? 0), 'changes come in the order of their versions');
    this.latest.set(change.key, change);
    this.log.push(change);
    if (this.log.length > 2 * this.latest.size && this.log.length > sweepAtLeast) this.sweep();
  }

  /** The latest changes after `version`, oldest first. */
  *after(version: number): Generator<KeyChange, void, undefined> {
    for (let index = this.firstAfter(version); index < this.log.length; index++) {
      const change = this.log[index]!;
      if (this.latest.get(change.key) === change) yield change;
    }
  }

  /** Forgets the tombstones up to `version`. */
  collect(version: number): void {
    let dropped = false;
    for (const change of this.log) {
      if (change.version > version) break;
      if (change.value !== null || this.latest.get(change.key) !== change) continue;
      this.latest.delete(change.key);
      dropped = true;
    }
    if (dropped) this.sweep();
  }

  /** Keys that have a value. */
  *values(): Generator<readonly [key: string, value: string], void, undefined> {
    for (const { key, value } of this.latest.values()) if (value !== null) yield [key, value];
  }

  private firstAfter(version: number): number {
    let low = 0;
    let high = this.log.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.log[middle]!.version > version) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private sweep(): void {
    this.log = this.log.filter((change) => this.latest.get(change.key) === change);
  }
}
