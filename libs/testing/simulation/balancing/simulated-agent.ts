import { type ReportedLoad } from '@nexus/core/balancing';
import { type SeededRandom } from '../seeded-random.js';
import { type Timeline } from '../timeline.js';

/** What an agent is like. */
export interface AgentCharacter {
  readonly agentId: string;
  /** Pieces of work that it does a second, one after the other. */
  readonly ratePerS: number;
  /** From when on it does them at another rate. */
  readonly change?: { readonly atMs: number; readonly ratePerS: number };
  /** From when on it answers each with an error, at once. */
  readonly failsFromMs?: number;
  /** It says that it is idle, always. */
  readonly isLiar?: boolean;
}

export interface SimulatedWork {
  readonly expiresAtMs: number;
  /** Told once, of an end at the agent; never of what expired in its queue. */
  readonly onEnd: (isGood: boolean, load: ReportedLoad) => void;
}

/** An error takes so long: faster than any work. */
const failureMs = 0.5;
/** The agent's measure of its own business is of about so long. */
const busyMemoryMs = 500;
const idle: ReportedLoad = { cpu: 0, memory: 0, queueDepth: 0 };

/** One server with a queue; how long work takes is exponentially distributed. */
export class SimulatedAgent {
  private readonly queue: SimulatedWork[] = [];
  private isBusy = false;
  private business = 0;
  private measuredAtMs = 0;

  constructor(
    private readonly character: AgentCharacter,
    private readonly timeline: Timeline,
    private readonly random: SeededRandom,
  ) {}

  take(work: SimulatedWork): void {
    const { failsFromMs = Infinity } = this.character;
    if (this.timeline.nowMs >= failsFromMs) {
      this.timeline.after(failureMs, () => work.onEnd(false, this.load()));
      return;
    }
    this.queue.push(work);
    if (!this.isBusy) this.next();
  }

  private next(): void {
    this.measure();
    const work = this.queue.shift();
    this.isBusy = work !== undefined;
    if (!work) return;
    // As the agent of the SDK does: nobody waits for it any more.
    if (work.expiresAtMs <= this.timeline.nowMs) {
      this.next();
      return;
    }
    const { ratePerS, change } = this.character;
    const rateNowPerS = change && this.timeline.nowMs >= change.atMs ? change.ratePerS : ratePerS;
    this.timeline.after((-Math.log(1 - this.random.next()) * 1_000) / rateNowPerS, () => {
      work.onEnd(true, this.load());
      this.next();
    });
  }

  private load(): ReportedLoad {
    if (this.character.isLiar) return idle;
    this.measure();
    return { cpu: this.business, memory: 0.3, queueDepth: this.queue.length };
  }

  private measure(): void {
    const { nowMs } = this.timeline;
    const kept = Math.exp((this.measuredAtMs - nowMs) / busyMemoryMs);
    this.business = this.business * kept + (this.isBusy ? 1 - kept : 0);
    this.measuredAtMs = nowMs;
  }
}
