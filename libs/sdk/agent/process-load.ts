import { totalmem } from 'node:os';

/** What a meter reads; a test gives its own. */
export interface LoadSource {
  /** A monotonic clock, in milliseconds. */
  nowMs(): number;
  /** Processor time that the process has used, in microseconds. */
  cpuUs(): number;
  residentBytes(): number;
  /** Memory that the process may use, in bytes. */
  memoryLimitBytes(): number;
}

const processSource: LoadSource = {
  nowMs: () => performance.now(),
  cpuUs: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  residentBytes: () => process.memoryUsage.rss(),
  memoryLimitBytes: () => {
    // Without a control group the figure is 0, or one far above the machine.
    const constrained = process.constrainedMemory();
    return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  },
};

/** Shortest span over which a share of processor time means something, in milliseconds. */
const windowMsMin = 500;

/**
 * Load of this process: the processor share since the last measurement, and memory in use. Measured at most twice a
 * second, however many agents and answers ask, because reading it costs a system call.
 */
export class ProcessLoadMeter {
  private measuredAtMs: number;
  private cpuUs: number;
  private last: { cpu: number; memory: number };

  constructor(private readonly source: LoadSource = processSource) {
    this.measuredAtMs = source.nowMs();
    this.cpuUs = source.cpuUs();
    this.last = { cpu: 0, memory: this.memory() };
  }

  /** Shares from 0 to 1; `cpu` is that of one core. */
  read(): { readonly cpu: number; readonly memory: number } {
    const nowMs = this.source.nowMs();
    const elapsedMs = nowMs - this.measuredAtMs;
    if (elapsedMs < windowMsMin) return this.last;
    const cpuUs = this.source.cpuUs();
    this.last = { cpu: share(cpuUs - this.cpuUs, elapsedMs * 1_000), memory: this.memory() };
    this.measuredAtMs = nowMs;
    this.cpuUs = cpuUs;
    return this.last;
  }

  private memory(): number {
    return share(this.source.residentBytes(), this.source.memoryLimitBytes());
  }
}

/** One meter for the process: its agents share the load that it reports. */
export const processLoad = new ProcessLoadMeter();

function share(part: number, whole: number): number {
  return whole > 0 ? Math.round(Math.min(1, Math.max(0, part / whole)) * 10_000) / 10_000 : 0;
}
