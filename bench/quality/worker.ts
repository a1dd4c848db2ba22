import { type SeededRandom } from '@nexus/testing';
import { type AgentPlan, slowestServiceMs, slowsByFactor } from './fleet.js';

/** What becomes of a unit; what is nobody's any more is not answered. */
export type Outcome = 'done' | 'failed';

interface Unit {
  readonly expiresAt: number;
  readonly finish: (outcome: Outcome) => void;
}

/** Units may take half as long as usual, or half as much again. */
const [leastFactor, mostFactor] = [0.5, 1.5];
const failsWithinMs = 1;

/**
 * A worker that does one unit at a time, in the order in which they come, and is busy for as long as the unit takes: it
 * waits for that time rather than computing for it, so that twenty of them fit on a machine with fewer cores. What
 * balancing has to find out is the same: who is fast, who is busy, and who says so without its being true.
 */
export class Worker {
  private readonly waiting: Unit[] = [];
  private working = false;
  private slowsAt = Infinity;
  /** When the current unit ends; timers are late now and then, and the next unit does not pay for it. */
  private endsAt = 0;

  constructor(
    readonly plan: AgentPlan,
    private readonly random: SeededRandom,
  ) {}

  /** From now on it is measured; one that slows down does so at the half. */
  begin(durationMs: number): void {
    if (this.plan.character === 'slows') this.slowsAt = performance.now() + durationMs / 2;
  }

  take(unit: Unit): void {
    if (this.plan.character === 'fails') {
      setTimeout(() => unit.finish('failed'), failsWithinMs);
      return;
    }
    this.waiting.push(unit);
    if (!this.working) this.next();
  }

  /** What it says of itself. */
  load(): { cpu: number; memory: number; queueDepth: number; active: number } {
    if (this.plan.character === 'lies') return { cpu: 0, memory: 0, queueDepth: 0, active: 0 };
    const active = this.working ? 1 : 0;
    return { cpu: active, memory: 0.25, queueDepth: this.waiting.length, active };
  }

  /** What waits for nobody. */
  stop(): void {
    this.waiting.length = 0;
  }

  private next(): void {
    const nowMs = performance.now();
    let unit = this.waiting.shift();
    while (unit !== undefined && unit.expiresAt < nowMs) unit = this.waiting.shift();
    this.working = unit !== undefined;
    if (unit === undefined) return;
    const { finish } = unit;
    const slowness = nowMs >= this.slowsAt ? slowsByFactor : 1;
    const serviceMs =
      (slowestServiceMs * slowness * this.random.between(leastFactor, mostFactor)) / this.plan.speed;
    this.endsAt = Math.max(this.endsAt, nowMs - maxLatenessMs) + serviceMs;
    setTimeout(
      () => {
        // What it says of itself with the answer is what it is like from now on.
        this.next();
        finish('done');
      },
      Math.max(0, this.endsAt - nowMs),
    );
  }
}

/** A timer's usual lateness: idleness for longer is idleness. */
const maxLatenessMs = 2;
