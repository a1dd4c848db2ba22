import { widened } from './columns.js';

/** What an agent says of itself: fractions 0 to 1, and how much waits in its queue. */
export interface ReportedLoad {
  readonly cpu: number;
  readonly memory: number;
  readonly queueDepth: number;
}

/** The load of one of whom nothing is known: neither idle nor busy. */
const unknownLoad = 0.5;
const cpuShare = 0.4;
const memoryShare = 0.3;
const queueShare = 0.3;

/** The latest report of each agent. It fades in a straight line to "unknown", which it reaches when its time is over. */
export class Reports {
  private cpu = new Float64Array(8);
  private memory = new Float64Array(8);
  private queueDepths = new Float64Array(8);
  private reportedMs = new Float64Array(8).fill(-Infinity);

  constructor(private readonly ttlMs: number) {}

  grow(capacity: number): void {
    this.cpu = widened(this.cpu, capacity);
    this.memory = widened(this.memory, capacity);
    this.queueDepths = widened(this.queueDepths, capacity);
    this.reportedMs = widened(this.reportedMs, capacity, -Infinity);
  }

  forget(slot: number): void {
    this.reportedMs[slot] = -Infinity;
  }

  /** A report that is no load (not a number, endless) is none. */
  note(slot: number, { cpu, memory, queueDepth }: ReportedLoad, nowMs: number): void {
    if (!Number.isFinite(cpu + memory + queueDepth)) return;
    this.cpu[slot] = fraction(cpu);
    this.memory[slot] = fraction(memory);
    this.queueDepths[slot] = Math.max(0, queueDepth);
    this.reportedMs[slot] = nowMs;
  }

  /** How busy the agent says it is, 0 to 1; what waits counts by its proportion to the window. */
  load(slot: number, window: number, nowMs: number): number {
    const trust = this.trust(slot, nowMs);
    if (trust === 0) return unknownLoad;
    const queueDepth = this.queueDepths[slot]!;
    const reported =
      cpuShare * this.cpu[slot]! +
      memoryShare * this.memory[slot]! +
      queueShare * (queueDepth / (queueDepth + window));
    return unknownLoad + trust * (reported - unknownLoad);
  }

  /** What waits at the agent by its own account; less and less, as the account grows old. */
  queueDepth(slot: number, nowMs: number): number {
    return this.queueDepths[slot]! * this.trust(slot, nowMs);
  }

  private trust(slot: number, nowMs: number): number {
    const ageMs = nowMs - this.reportedMs[slot]!;
    return ageMs >= this.ttlMs ? 0 : Math.min(1, 1 - ageMs / this.ttlMs);
  }
}

const fraction = (value: number): number => Math.min(Math.max(value, 0), 1);
