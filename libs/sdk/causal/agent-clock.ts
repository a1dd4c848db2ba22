import { type Clock, limits } from '@nexus/contracts';
import { admitClock, readClock, VectorClock } from '@nexus/core/causality';

/** Events of one process that one message may add to what is known of it. */
const stepMax = 1_000_000;
/** Events of a process that others may be the first to tell of. */
const introducedMax = 1_000_000_000_000;
const bounds = { entriesMax: limits.clockEntriesMax, counterMax: Number.MAX_SAFE_INTEGER };

/**
 * What the agent knows of the events of the fleet. It has no entry of its own before it has caused an event itself: so
 * clocks are bounded by those who send, not by the fleet.
 */
export class AgentClock {
  private known = VectorClock.zero;
  private issued = 0;

  /** @param self this life of the agent, `<agentId>.<life>`: the counter of another life is another counter */
  constructor(private readonly self: string) {}

  /**
   * Merges the clock of a message, then counts its receipt, if the agent has an entry at all.
   * @returns entries that were not believed
   */
  received(clock: Clock | undefined, sender: string): number {
    const reading = readClock(clock ?? {}, bounds);
    if (reading.kind === 'malformed') return 1;
    const { clock: merged, refused } = admitClock(this.known, reading.clock, {
      self: this.self,
      issued: this.issued,
      sender,
      isKnown: () => true,
      stepMax,
      introducedMax,
      entriesMax: limits.clockEntriesMax,
    });
    this.known = merged;
    if (this.issued > 0) this.tick();
    return refused.length;
  }

  /** Counts an event of one's own. @returns what is known then */
  originate(): Clock {
    this.tick();
    return this.known.toRecord();
  }

  /** What is known beyond a clock; undefined when that is nothing. */
  beyond(clock: Clock | undefined): Clock | undefined {
    const reading = readClock(clock ?? {}, bounds);
    const ahead = reading.kind === 'clock' ? this.known.beyond(reading.clock) : this.known;
    return ahead.size === 0 ? undefined : ahead.toRecord();
  }

  private tick(): void {
    this.issued += 1;
    this.known = this.known.with(this.self, this.issued);
  }
}
