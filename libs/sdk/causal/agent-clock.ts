import { type Clock, limits } from '@nexus/contracts';
import { admitClock, type ClockReading, idOfSender, readClock, VectorClock } from '@nexus/core/causality';

/** Events of one process that one message may add to what is known of it. */
const stepMax = 1_000_000;
/** Events of a process that others may be the first to tell of. */
const introducedMax = 1_000_000_000_000;
/** Processes known only by the word of others. */
const hearsayMax = 256;
/** Processes beside the agent itself, which always has a place. */
const othersMax = limits.clockEntriesMax - 1;
/** How long what did not change is remembered, in milliseconds: by then everybody has it, or has given it up. */
const forgetAfterMs = 600_000;
/** The name of an incarnation: so many letters of its id at most, a dash, and so many of its own. */
const incarnationIdCharsMax = 50;
const incarnationCharsMax = 10;
const bounds = { entriesMax: limits.clockEntriesMax, counterMax: Number.MAX_SAFE_INTEGER };

/**
 * Clocks as they were read. That of a message is asked for when it is delivered and when it is answered, by each agent
 * that was told: it is read once.
 */
const readings = new WeakMap<Clock, ClockReading>();
const empty: ClockReading = { kind: 'clock', clock: VectorClock.zero };

export interface AgentClockOptions {
  /** Whether something of this sender was delivered. */
  readonly hears: (name: string) => boolean;
  /** In milliseconds, never backwards. Default: that of the process. */
  readonly now?: () => number;
}

interface Acquaintance {
  changedAtMs: number;
  /** Whether others alone have spoken of it. */
  isHearsay: boolean;
}

/**
 * What the agent knows of the events of the fleet. It has no entry of its own before it has caused an event itself: so
 * clocks are bounded by those who send, not by the fleet. Entries that do not change are forgotten; whoever invents
 * processes takes a bounded room, and never that of the agent itself.
 */
export class AgentClock {
  private known = VectorClock.zero;
  private issued = 0;
  private readonly others = new Map<string, Acquaintance>();
  private hearsay = 0;
  private sweepAtMs = 0;

  /** @param self this life of the agent, `<agentId>.<life>`: the counter of another life is another counter */
  constructor(
    private readonly self: string,
    private readonly options: AgentClockOptions,
  ) {}

  /**
   * Merges the clock of a message, then counts its receipt, if the agent has an entry at all.
   * @returns entries that were not believed
   */
  received(clock: Clock | undefined, sender: string): number {
    const reading = readingOf(clock);
    if (reading.kind === 'malformed') return 1;
    const nowMs = this.now();
    this.sweep(nowMs);
    const before = this.known;
    const { clock: merged, refused } = admitClock(before, reading.clock, {
      self: this.self,
      issued: this.issued,
      sender,
      isKnown: this.doorFor(sender),
      stepMax,
      introducedMax,
      entriesMax: this.issued > 0 ? othersMax + 1 : othersMax,
    });
    this.known = merged;
    this.note(merged.beyond(before), sender, nowMs);
    if (this.issued > 0) this.tick();
    return refused.length;
  }

  /** Counts an event of one's own. @returns what is known then; it always fits a message */
  originate(): Clock {
    this.sweep(this.now());
    this.tick();
    return this.known.toRecord();
  }

  /** What is known beyond a clock; undefined when that is nothing. */
  beyond(clock: Clock | undefined): Clock | undefined {
    const reading = readingOf(clock);
    const ahead = reading.kind === 'clock' ? this.known.beyond(reading.clock) : this.known;
    return ahead.size === 0 ? undefined : ahead.toRecord();
  }

  /** Admits the names of one message: those that are known, the sender's own one, and others while there is room. */
  private doorFor(sender: string): (name: string) => boolean {
    let own = 1;
    let room = hearsayMax - this.hearsay;
    return (name) => {
      if (name === sender || this.others.has(name) || this.options.hears(name)) return true;
      if (own > 0 && isNameOf(name, sender)) {
        own -= 1;
        return true;
      }
      room -= 1;
      return room >= 0;
    };
  }

  private note(changed: VectorClock, sender: string, nowMs: number): void {
    for (const [name] of changed.entries()) {
      if (name === this.self) continue;
      const isHearsay = name !== sender && !isNameOf(name, sender) && !this.options.hears(name);
      const before = this.others.get(name);
      const after = { changedAtMs: nowMs, isHearsay: isHearsay && (before?.isHearsay ?? true) };
      this.others.set(name, after);
      this.hearsay += Number(after.isHearsay) - Number(before?.isHearsay ?? false);
    }
  }

  private sweep(nowMs: number): void {
    if (nowMs < this.sweepAtMs) return;
    this.sweepAtMs = nowMs + forgetAfterMs / 4;
    for (const [name, { changedAtMs, isHearsay }] of this.others) {
      if (nowMs - changedAtMs <= forgetAfterMs) continue;
      this.others.delete(name);
      this.hearsay -= Number(isHearsay);
      this.known = this.known.without(name);
    }
  }

  private tick(): void {
    this.issued += 1;
    this.known = this.known.with(this.self, this.issued);
  }

  private now(): number {
    return this.options.now?.() ?? performance.now();
  }
}

function readingOf(clock: Clock | undefined): ClockReading {
  if (clock === undefined) return empty;
  const known = readings.get(clock);
  if (known) return known;
  const reading = readClock(clock, bounds);
  readings.set(clock, reading);
  return reading;
}

/** Whether this names the process that speaks: an agent by its life, a coordinator by its incarnation. */
function isNameOf(name: string, sender: string): boolean {
  const id = idOfSender(sender) || sender;
  if (idOfSender(name) === id) return true;
  const prefix = `${id.slice(0, incarnationIdCharsMax)}-`;
  return name.startsWith(prefix) && name.length === prefix.length + incarnationCharsMax;
}
