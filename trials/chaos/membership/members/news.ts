import { type MemberStatus } from '@nexus/contracts';
import { type MeshStats } from '@nexus/mesh';

/** `unknown`: not, or no longer, among the members. */
export type SeenStatus = MemberStatus | 'unknown';

/** What a process believes of another member, from now on. */
export type Seen = readonly [memberId: string, status: SeenStatus, generation: number];

/** Of whom it believes something else than when it told the last time. Times are of the wall clock, in milliseconds. */
export interface SightNews {
  readonly kind: 'sight';
  readonly atMs: number;
  /** Its own life. */
  readonly generation: number;
  readonly seen: readonly Seen[];
}

export interface FiguresNews {
  readonly kind: 'figures';
  readonly atMs: number;
  readonly converged: boolean;
  readonly stats: MeshStats;
}

export interface RegisteredNews {
  readonly kind: 'registered';
  readonly atMs: number;
}

/** A broadcast that an agent was handed, and what its stamp says. */
export interface Handed {
  readonly number: number;
  readonly sender: string;
  readonly sequence: number;
  /** Of whom it comes after how many broadcasts. */
  readonly after: Readonly<Record<string, number>>;
}

/** The broadcasts that were delivered, in their order. */
export interface DeliveredNews {
  readonly kind: 'delivered';
  readonly broadcasts: readonly Handed[];
}

/** Broadcasts that could not be had. */
export interface GivenUpNews {
  readonly kind: 'given_up';
  readonly count: number;
}

/** What a process holds, after a full collection. */
export interface MemoryNews {
  readonly kind: 'memory';
  readonly atMs: number;
  readonly residentBytes: number;
  /** What the program itself keeps: its heap, and what buffers have outside of it. */
  readonly heldBytes: number;
}

/** What a process tells the trial over the channel to its parent. */
export type News = SightNews | FiguresNews | RegisteredNews | DeliveredNews | GivenUpNews | MemoryNews;

/** A trial that is gone hears nothing; the process ends for that elsewhere. */
export function tell(news: News): void {
  process.send?.(news, undefined, undefined, () => undefined);
}
