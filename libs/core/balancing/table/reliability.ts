import { widened } from './columns.js';

/** The weight of the latest end: the memory is about five ends long. */
const recentWeight = 0.2;
/** An agent that fails always is not infinitely bad: it must be able to show that it has recovered. */
const successShareMin = 0.05;

/** How often an agent does what it is given, of late. Refusals count as well: work that comes back has cost time. */
export class Reliability {
  private trouble = new Float64Array(8);
  private endedMs = new Float64Array(8);

  constructor(private readonly decayMs: number) {}

  grow(capacity: number): void {
    this.trouble = widened(this.trouble, capacity);
    this.endedMs = widened(this.endedMs, capacity);
  }

  forget(slot: number): void {
    this.trouble[slot] = 0;
  }

  note(slot: number, isSuccess: boolean, nowMs: number): void {
    const trouble = this.troubleAt(slot, nowMs);
    this.trouble[slot] = trouble + recentWeight * ((isSuccess ? 0 : 1) - trouble);
    this.endedMs[slot] = nowMs;
  }

  /**
   * The share of its work that comes out well, 0.05 to 1. A latency divided by it is the time to an answer, when what
   * failed is tried again there.
   */
  successShare(slot: number, nowMs: number): number {
    if (this.trouble[slot] === 0) return 1;
    return Math.max(successShareMin, 1 - this.troubleAt(slot, nowMs));
  }

  /** It fades hyperbolically: the first seconds forgive most, and no exponential is computed in a pick. */
  private troubleAt(slot: number, nowMs: number): number {
    const ageMs = Math.max(0, nowMs - this.endedMs[slot]!);
    return (this.trouble[slot]! * this.decayMs) / (this.decayMs + ageMs);
  }
}
