import { type Clock, limits } from '@nexus/contracts';
import { admitClock, readClock, VectorClock } from '@nexus/core/causality';
import { idOfName } from '../peers/known-names.js';

export interface EventClockOptions {
  /**
   * This process's own entry. The name holds the incarnation of the process, so that the counter of a restarted
   * coordinator is another counter and two events never carry equal clocks.
   */
  readonly incarnation: string;
  /** Whether a name in clocks is one of an agent or a service that is known of. */
  readonly isKnown: (name: string) => boolean;
  /** Whether one that is not known may be one all the same. */
  readonly isCredible: (name: string) => boolean;
  /** Counts entries that were not believed. */
  readonly drops: { refusedCausal: number };
  /** How long the entry of a process that is not known any more is kept, in milliseconds. Default 600,000. */
  readonly forgetAfterMs?: number;
}

/** How far one answer may advance what is known of a process: far more than anybody does between two answers. */
const stepMax = 1_000_000;
const forgetAfterMsDefault = 600_000;
/** A sweep looks at every entry. */
const sweepsPerForget = 10;

const bounds = { entriesMax: limits.clockEntriesMax, counterMax: Number.MAX_SAFE_INTEGER };

/**
 * What this process knows of what happened: its own events, and those that answers told it of. All requests share it, so
 * that one that begins after another was answered also comes after it in the clock.
 */
export class EventClock {
  private known = VectorClock.zero;
  /** Since when a process with an entry is not known any more. */
  private readonly goneSince = new Map<string, number>();
  private sweptAtMs = performance.now();

  constructor(private readonly options: EventClockOptions) {}

  /** One more event of one's own; the clock as it stands with it. */
  tick(): Clock {
    this.sweepNowAndThen();
    this.known = this.known.tick(this.options.incarnation);
    return this.known.toRecord();
  }

  /** Takes in what somebody says to have seen, as far as that can be believed. */
  merge(from: string, clock: Clock): void {
    const { incarnation, isCredible, drops } = this.options;
    const reading = readClock(clock, bounds);
    if (reading.kind === 'malformed') {
      drops.refusedCausal += 1;
      return;
    }
    const issued = this.known.get(incarnation);
    const { clock: merged, refused } = admitClock(this.known, reading.clock, {
      ...{ self: incarnation, issued, isKnown: isCredible },
      // Its own entry bears the name of its life.
      sender: Object.keys(clock).find((name) => idOfName(name) === from) ?? from,
      ...{ stepMax, introducedMax: stepMax },
      // There is always room for the own entry.
      entriesMax: limits.clockEntriesMax - (issued === 0 ? 1 : 0),
    });
    this.known = merged;
    drops.refusedCausal += refused.length;
  }

  private sweepNowAndThen(): void {
    const { forgetAfterMs = forgetAfterMsDefault } = this.options;
    const nowMs = performance.now();
    if (nowMs - this.sweptAtMs < forgetAfterMs / sweepsPerForget) return;
    this.sweptAtMs = nowMs;
    for (const [name] of this.known.entries()) this.sweep(name, nowMs - forgetAfterMs, nowMs);
  }

  private sweep(name: string, longAgoMs: number, nowMs: number): void {
    const { incarnation, isKnown } = this.options;
    if (name === incarnation || isKnown(name)) {
      this.goneSince.delete(name);
      return;
    }
    const since = this.goneSince.get(name) ?? nowMs;
    if (since > longAgoMs) {
      this.goneSince.set(name, since);
      return;
    }
    this.goneSince.delete(name);
    this.known = this.known.without(name);
  }
}
