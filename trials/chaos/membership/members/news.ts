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

/** The numbers of the broadcasts that were delivered, in their order. */
export interface DeliveredNews {
  readonly kind: 'delivered';
  readonly numbers: readonly number[];
}

/** What a process tells the trial over the channel to its parent. */
export type News = SightNews | FiguresNews | RegisteredNews | DeliveredNews;

/** A trial that is gone hears nothing; the process ends for that elsewhere. */
export function tell(news: News): void {
  process.send?.(news, undefined, undefined, () => undefined);
}
