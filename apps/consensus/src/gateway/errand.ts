import { type ReplicaId } from '@nexus/contracts';
import { type ClientSession } from './client-session.js';
import { type Result, type Work } from './work.js';

/** Where a proposal stands in a session. */
export interface Place {
  readonly session: ClientSession;
  readonly seq: number;
}

/** What came of an errand; `late`: its time is up, and whether it took effect is known only as far as it says. */
export type Ended = Result | { readonly kind: 'late'; readonly mayTakeEffect: boolean };

/** One request on its way to whoever leads, over as many attempts as it takes. */
export class Errand {
  /** Attempts that are under way, or were lost without a word. */
  readonly open = new Set<number>();
  place: Place | undefined;
  /** The replica that the last attempt went to; null while there is none. */
  target: ReplicaId | null = null;
  sentAtMs = 0;
  /** An attempt began, and whoever it went to could not say how it ended. */
  private lost = false;

  constructor(
    readonly work: Work,
    readonly deadlineMs: number,
    readonly settle: (ended: Ended) => void,
  ) {}

  /** Whether some attempt may have had, or may yet have, an effect. */
  get mayTakeEffect(): boolean {
    return this.lost || this.open.size > 0;
  }

  /** Whether it may be sent again however earlier attempts ended: it takes effect once, or none at all. */
  get repeatable(): boolean {
    return this.work.kind === 'propose' || this.work.kind === 'read';
  }

  /** Whether an attempt may go to a replica that leads. */
  maySend(leader: ReplicaId): boolean {
    if (this.repeatable) return this.target !== leader;
    // What it asks for may be done by now: to ask again could do it twice, or find it done and call that a failure.
    return !this.mayTakeEffect;
  }

  sent(attempt: number, target: ReplicaId, nowMs: number): void {
    this.open.add(attempt);
    this.target = target;
    this.sentAtMs = nowMs;
  }

  /** An attempt that certainly came to nothing. */
  refused(attempt: number): void {
    this.open.delete(attempt);
    this.target = null;
  }

  /** An attempt whose end nobody will tell. */
  abandoned(attempt: number): void {
    this.open.delete(attempt);
    this.lost = true;
    this.target = null;
  }
}
