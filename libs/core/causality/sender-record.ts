import { Claims } from './claims.js';
import { Holes, type Hole } from './holes.js';
import { type Channel, type SenderId, type Stamp } from './stamp.js';

/** A message that waits for others. */
export interface Held<M> {
  readonly stamp: Stamp;
  readonly message: M;
  readonly bytes: number;
  /** The first that was found missing; looked at first the next time. */
  waitsFor: Dependency<M> | undefined;
  /** It waits for nothing any more: there were too many that do. */
  isFree: boolean;
  /** Senders that it does not wait for: what comes next of them and it waited for each other. */
  readonly ignored: Set<SenderRecord<M>>;
  /** Sent by this process itself. */
  readonly isOwn: boolean;
  /** The how manieth it is that came here. */
  readonly arrival: number;
}

export interface Dependency<M> {
  readonly record: SenderRecord<M>;
  readonly sequence: number;
}

/** Where a start comes from: nobody spoke of the sender, others did, or itself. */
export type StartSource = 'nobody' | 'others' | 'itself';

/**
 * One sender on one channel, as a receiver knows it. Every broadcast beyond `delivered` and up to `told` is held, is in a
 * hole, or was given up; holes beyond `told` are what others claim, and prove nothing.
 */
export class SenderRecord<M> {
  /** All up to here were delivered, were given up, or lie before the start. */
  delivered = 0;
  start = 0;
  source: StartSource = 'nobody';
  startedAtMs = 0;
  /** The sender itself showed that it sent up to here. */
  told = 0;
  /** What others said while the start was not known yet, and what it said of itself. */
  heardStart: number | undefined;
  saidStart: number | undefined;
  /** What this receiver itself knows to have been delivered, before it began anew. */
  knownStart = 0;
  /** The lowest that came and found no room: it was sent to us, as what is held was. */
  private lowestTurnedAway = Infinity;
  /** When it was heard itself; undefined: others alone speak of it. */
  heardAtMs: number | undefined;
  readonly held = new Map<number, Held<M>>();
  readonly holes = new Holes();
  /** What is claimed and being asked for, and what of it was given up: repeated, it is not waited for again. */
  private readonly claims = new Claims();
  private readonly waived = new Claims();
  /** What is only claimed, and was reported as a gap last. */
  private missed = { from: Infinity, to: -Infinity };

  constructor(
    readonly channel: Channel,
    readonly sender: SenderId,
  ) {}

  /** Nothing of it is missing, and nothing waits. */
  get isIdle(): boolean {
    return this.held.size === 0 && this.holes.isEmpty && this.delivered >= this.told;
  }

  /** Whether a message that comes after its broadcast `sequence` need not wait for it. */
  isSettled(sequence: number): boolean {
    if (sequence <= this.delivered) return true;
    return !this.holes.reachUpTo(sequence) && !this.isHeldUpTo(sequence);
  }

  /** The sender itself showed that it sent this: what is not there yet is missing from now on. */
  show(sequence: number, dueAtMs: number): void {
    this.open(sequence, dueAtMs);
    this.told = Math.max(this.told, sequence);
  }

  /** Another's message comes after this: it is missing until shown, asked for, or given up. It moves nothing else. */
  claim(sequence: number, { by, dueAtMs }: { readonly by: SenderId; readonly dueAtMs: number }): void {
    if (sequence <= this.told || sequence <= this.delivered || this.isGivenUp(sequence, by)) return;
    this.claims.note({ by, sequence });
    this.open(sequence, dueAtMs);
  }

  /** Nobody had what `by` says that it comes after; it may have been sent meanwhile. */
  isGivenUp(sequence: number, by: SenderId): boolean {
    return this.waived.has({ by, sequence });
  }

  /** The next one was there when this came: it, or a later one that shows it. */
  get nextSeen(): number {
    let first = Infinity;
    for (const { arrival } of this.held.values()) first = Math.min(first, arrival);
    return first;
  }

  hold(sequence: number, held: Held<M>, dueAtMs: number): void {
    this.held.set(sequence, held);
    this.holes.fill(sequence, dueAtMs);
  }

  /** It came, and there was no room for it: it is asked for again, with all tries. */
  turnAway(sequence: number, asksMax: number): void {
    this.lowestTurnedAway = Math.min(this.lowestTurnedAway, sequence);
    this.holes.turnAway(sequence, asksMax);
  }

  /** The next one is being delivered. */
  deliver(sequence: number): void {
    this.held.delete(sequence);
    this.delivered = sequence;
  }

  /** Passes over what was given up; never over what the sender did not show, nor what is still asked for. */
  skipGivenUp(): boolean {
    const last = Math.min(this.told, (this.holes.first?.from ?? Infinity) - 1, this.lowestHeld() - 1);
    if (last <= this.delivered) return false;
    this.delivered = last;
    return true;
  }

  /**
   * Nobody has what is missing there. Of what was only claimed, nothing is known to be lost: those who claimed it are not
   * waited for when they say so again. Whoever else comes after it may have seen what was sent meanwhile.
   * @returns whether that was reported before
   */
  giveUp(hole: Hole): boolean {
    this.holes.remove(hole);
    if (hole.from <= this.told) return false;
    for (const claim of this.claims.takeUpTo(hole.to)) this.waived.note(claim);
    return this.isReported(hole);
  }

  private isReported({ from, to }: Hole): boolean {
    const { missed } = this;
    if (from >= missed.from && to <= missed.to) return true;
    const isAdjoining = from <= missed.to + 1 && to >= missed.from - 1;
    this.missed = isAdjoining
      ? { from: Math.min(from, missed.from), to: Math.max(to, missed.to) }
      : { from, to };
    return false;
  }

  /**
   * Where to begin, by what was said. What came meanwhile was sent to us, maybe just before the answer; but what is older
   * than can be asked for strayed here, and what we had before is not wanted again.
   */
  wordsHeard(aheadMax: number): { readonly start: number; readonly source: StartSource } {
    const { saidStart, heardStart, knownStart } = this;
    const heldStart = Math.min(this.lowestHeld(), this.lowestTurnedAway) - 1;
    if (saidStart !== undefined) {
      const start = saidStart - heldStart > aheadMax ? saidStart : Math.min(saidStart, heldStart);
      return { start: Math.max(knownStart, start), source: 'itself' };
    }
    if (heardStart === undefined) return { start: 0, source: 'nobody' };
    return { start: Math.max(knownStart, Math.min(heardStart, heldStart)), source: 'others' };
  }

  /** Begins to listen after `start`; what is held and lies outside is handed back. */
  begin(start: number, { source, nowMs, dueAtMs, aheadMax }: Beginning): Held<M>[] {
    this.start = start;
    this.source = source;
    this.startedAtMs = nowMs;
    this.delivered = start;
    const outside = [...this.held].filter(([sequence]) => sequence <= start || sequence > start + aheadMax);
    for (const [sequence] of outside) this.held.delete(sequence);
    this.told = Math.min(this.told, start + aheadMax);
    this.lowestTurnedAway = Infinity;
    this.holes.clear();
    this.claims.clear();
    for (const [from, to] of this.missing()) this.holes.append(from, to, dueAtMs);
    return outside.map(([, held]) => held);
  }

  /** It was forgotten with this much delivered, and is heard again. */
  resume(delivered: number): void {
    this.delivered = delivered;
    this.start = delivered;
    this.told = delivered;
    this.source = 'itself';
  }

  /** It is so far ahead that what lies between will not be asked for: all that is missing is a gap. */
  jump(sequence: number): (readonly [from: number, to: number])[] {
    this.told = sequence;
    this.holes.clear();
    this.claims.clear();
    return this.missing();
  }

  /** Runs up to `told` that are not there, in order. */
  private missing(): (readonly [from: number, to: number])[] {
    const runs: (readonly [number, number])[] = [];
    let next = this.delivered + 1;
    for (const sequence of [...this.held.keys()].sort((left, right) => left - right)) {
      if (sequence > next) runs.push([next, sequence - 1]);
      next = sequence + 1;
    }
    if (next <= this.told) runs.push([next, this.told]);
    return runs;
  }

  private open(sequence: number, dueAtMs: number): void {
    const reach = Math.max(this.delivered, this.told, this.holes.last?.to ?? 0);
    if (sequence > reach) this.holes.append(reach + 1, sequence, dueAtMs);
    else this.holes.splitAfter(sequence, dueAtMs);
  }

  private isHeldUpTo(sequence: number): boolean {
    for (const held of this.held.keys()) if (held <= sequence) return true;
    return false;
  }

  private lowestHeld(): number {
    let lowest = Infinity;
    for (const sequence of this.held.keys()) lowest = Math.min(lowest, sequence);
    return lowest;
  }
}

export interface Beginning {
  readonly source: StartSource;
  readonly nowMs: number;
  readonly dueAtMs: number;
  readonly aheadMax: number;
}
