import { type MemberId } from '@nexus/core/gossip';
import { hold } from '../violation.js';

/** A key as its owner changed it last. */
interface OwnKey {
  /** Null: removed. */
  readonly value: string | null;
  readonly version: number;
}

/** One life of a member, as the simulation has seen it from within. */
export interface Life {
  readonly id: MemberId;
  /** Counts the lives of this member, from 1. */
  readonly number: number;
  readonly startedAtMs: number;
  /** As it goes by now: higher than at its start, when it learns that its clock was set back since its last life. */
  generation: number;
  /** All that it went by. */
  readonly generations: Set<number>;
  maxVersion: number;
  /** Null while it lasts. */
  endedAtMs: number | null;
  left: boolean;
  readonly keys: Map<string, OwnKey>;
  /** Every value that it ever had, by its version: no value is put twice. */
  readonly values: Map<string, { readonly key: string; readonly version: number }>;
}

/** What is so, whoever knows of it: what the members believe is compared with this. */
export class Truth {
  private readonly lives = new Map<MemberId, Life[]>();

  begin(id: MemberId, generation: number, nowMs: number): Life {
    const earlier = this.lives.get(id) ?? [];
    const life: Life = {
      id,
      number: earlier.length + 1,
      startedAtMs: nowMs,
      generation,
      generations: new Set([generation]),
      maxVersion: 0,
      endedAtMs: null,
      left: false,
      keys: new Map(),
      values: new Map(),
    };
    this.lives.set(id, [...earlier, life]);
    return life;
  }

  changed(life: Life, key: string, value: string | null, version: number): void {
    hold(
      version > life.maxVersion,
      'every change of a key has a version of its own',
      () => `${life.id} changes ${key} at version ${version}, after ${life.maxVersion}`,
    );
    life.maxVersion = version;
    life.keys.set(key, { value, version });
    if (value !== null) life.values.set(value, { key, version });
  }

  regenerated(life: Life, generation: number): void {
    hold(
      generation > life.generation,
      'a member never takes a lower generation',
      () => `${life.id} goes from ${life.generation} to ${generation}`,
    );
    life.generation = generation;
    life.generations.add(generation);
  }

  /** The latest life that went by this generation. */
  lifeOf(id: MemberId, generation: number): Life | undefined {
    return this.lives.get(id)?.findLast((life) => life.generations.has(generation));
  }

  latest(id: MemberId): Life | undefined {
    return this.lives.get(id)?.at(-1);
  }

  get ids(): readonly MemberId[] {
    return [...this.lives.keys()];
  }
}
