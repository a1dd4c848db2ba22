import { setTimeout as pause } from 'node:timers/promises';
import { DidNotHappen, until } from '../waiting.js';
import { type Figures, type WorkFigures } from './figures.js';

/** What was in flight during the load, and how it came down. */
export interface FlightReport {
  /** Times that the coordinators were asked while there was load. */
  readonly looks: number;
  /** Most that was in flight at once from one coordinator, and at one agent from one coordinator. */
  readonly inFlightPeak: number;
  readonly inFlightMaxPeak: number;
  readonly ejectionsTotal: number;
  /** From the last reply until every coordinator said that nothing is under way; null when that did not come. */
  readonly zeroAfterMs: number | null;
  /** What the coordinators said last. */
  readonly atEnd: readonly WorkFigures[];
}

const lookEveryMs = 200;

/** Looks at what is in flight again and again. */
export class FlightWatch {
  private readonly peaks = { looks: 0, inFlightPeak: 0, inFlightMaxPeak: 0 };
  private watching = true;
  private readonly loop: Promise<void>;

  constructor(
    private readonly figures: Figures,
    private readonly coordinators: number,
  ) {
    this.loop = this.look();
  }

  /** The load has ended: waits until nothing is under way any more. */
  async settle(withinMs: number, signal: AbortSignal): Promise<FlightReport> {
    const fromMs = performance.now();
    this.watching = false;
    let atEnd: WorkFigures[] = [];
    let zeroAfterMs: number | null = null;
    try {
      await until('nothing is under way', { withinMs, everyMs: 20, signal }, async () => {
        atEnd = await this.figures.read();
        return (atEnd.length === this.coordinators && atEnd.every(isIdle)) || undefined;
      });
      zeroAfterMs = performance.now() - fromMs;
    } catch (error) {
      if (!(error instanceof DidNotHappen)) throw error;
    }
    await this.loop;
    const ejectionsTotal = atEnd.reduce((sum, each) => sum + each.ejectionsTotal, 0);
    return { ...this.peaks, ejectionsTotal, zeroAfterMs, atEnd };
  }

  stop(): void {
    this.watching = false;
  }

  private async look(): Promise<void> {
    while (this.watching) {
      for (const { inFlight, inFlightMax } of await this.figures.read()) {
        this.peaks.looks += 1;
        this.peaks.inFlightPeak = Math.max(this.peaks.inFlightPeak, inFlight);
        this.peaks.inFlightMaxPeak = Math.max(this.peaks.inFlightMaxPeak, inFlightMax);
      }
      await pause(lookEveryMs);
    }
  }
}

const isIdle = ({ inFlight, elsewhere, waiting }: WorkFigures): boolean =>
  inFlight === 0 && elsewhere === 0 && waiting === 0;
