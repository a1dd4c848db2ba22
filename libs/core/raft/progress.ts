import { type SnapshotTransfer } from './snapshot-transfer.js';

/**
 * `probe`: where its log agrees is not known; one append at a time looks for it. `replicate`: it is known; appends are sent
 * ahead of their answers, up to a window. `snapshot`: what it lacks is compacted away.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What a leader knows of one other member (Raft, §5.3: nextIndex and matchIndex). */
export class Progress {
  state: ProgressState = 'probe';
  /** The log there is durable, and equal to the leader's, up to here. Within a term it only grows. */
  matchIndex = 0;
  /** The next entry to send. */
  nextIndex: number;
  /** When it was last heard. */
  heardTick: number;
  /** The latest round of reads that it answered. */
  round = 0;
  transfer: SnapshotTransfer | null = null;
  /** The last index of each append under way, oldest first. In `probe` at most one. */
  private inFlight: number[] = [];
  /** When something under way last moved; null when nothing is. */
  private movedTick: number | null = null;

  constructor(nextIndex: number, now: number) {
    this.nextIndex = nextIndex;
    this.heardTick = now;
  }

  /** Whether another append may be sent, given the window. */
  hasRoom(appendsInFlightMax: number): boolean {
    if (this.state === 'probe') return this.inFlight.length === 0;
    return this.state === 'replicate' && this.inFlight.length < appendsInFlightMax;
  }

  /** An append up to `lastIndex` left. */
  onSent(lastIndex: number, now: number): void {
    this.inFlight.push(lastIndex);
    this.movedTick ??= now;
    // Nothing is known to stand in the way: what follows need not wait for the answer.
    if (this.state === 'replicate') this.nextIndex = lastIndex + 1;
  }

  /** The follower holds everything up to `matchIndex`. */
  onAccepted(matchIndex: number, now: number): void {
    let answered = 0;
    while (answered < this.inFlight.length && this.inFlight[answered]! <= matchIndex) answered++;
    this.inFlight.splice(0, answered);
    if (matchIndex > this.matchIndex || answered > 0) this.movedTick = now;
    this.matchIndex = Math.max(this.matchIndex, matchIndex);
    // An answer to a check while probing says as much as one to a probe.
    if (this.state === 'probe' && matchIndex + 1 >= this.nextIndex) this.resume();
    this.nextIndex = Math.max(this.nextIndex, matchIndex + 1);
    if (this.state !== 'snapshot' && this.inFlight.length === 0) this.movedTick = null;
  }

  /** Its log ends, or differs, before what was sent: looks for the agreement from `nextIndex`. */
  probeFrom(nextIndex: number): void {
    this.state = 'probe';
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1);
    this.rest();
  }

  beginTransfer(transfer: SnapshotTransfer, now: number): void {
    this.state = 'snapshot';
    this.transfer = transfer;
    this.inFlight = [];
    this.movedTick = now;
  }

  /** Its log and the leader's agree up to `matchIndex`: appends may run ahead. */
  resume(): void {
    this.state = 'replicate';
    this.nextIndex = this.matchIndex + 1;
    this.rest();
  }

  /** Whether what is under way has not moved for `ticks`: it, or its answer, may be lost. */
  isStuck(now: number, ticks: number): boolean {
    return this.movedTick !== null && now - this.movedTick >= ticks;
  }

  /** Something moved, or was asked after. */
  touch(now: number): void {
    this.movedTick = now;
  }

  private rest(): void {
    this.transfer = null;
    this.inFlight = [];
    this.movedTick = null;
  }
}
