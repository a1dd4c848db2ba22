import { type SeededRandom } from '@nexus/testing';
import { type ReplicaGroup } from '../group/replica-group.js';

export const faultNames = ['kill', 'pause', 'partition', 'restart'] as const;
export type FaultName = (typeof faultNames)[number];

/** What a fault is inflicted on. */
export interface Scene {
  readonly group: ReplicaGroup;
  readonly random: SeededRandom;
  /** Who led when the round began. */
  readonly leader: string;
}

/** Something that was broken, and how to mend it. */
export interface Damage {
  /** What is broken, with whom, as `kill leader`; failovers are told apart by it. */
  readonly kind: string;
  /** Who is hit. */
  readonly replicas: readonly string[];
  /** The moment from which it is broken, on the clock of `performance.now()`. */
  readonly atMs: number;
  /** How long it is left so once somebody can commit again, in milliseconds. */
  readonly holdMs: number;
  readonly mend: () => Promise<void>;
}

export type Inflict = (scene: Scene) => Promise<Damage>;
