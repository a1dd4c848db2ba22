import { type WorkWatch } from '@nexus/balancer';
import {
  type AlgorithmName,
  type Balancer,
  balancerOf,
  Candidates,
  LoadTable,
  noAgent,
  type Outcome,
  PickRequest,
  type Predictor,
} from '@nexus/core/balancing';
import { type SeededRandom } from '../seeded-random.js';
import { type Timeline } from '../timeline.js';
import { type SimulatedAgent } from './simulated-agent.js';

/** How one piece of work came out. */
export interface SimulatedOutcome {
  readonly agent: number;
  readonly beganAtMs: number;
  readonly latencyMs: number;
  readonly isGood: boolean;
}

/** Pure chance is what a queue group of NATS does: it takes no notice of windows, and learns nothing. */
export type Contestant = AlgorithmName | 'random';

export interface CoordinatorParts {
  readonly contestant: Contestant;
  readonly agents: readonly SimulatedAgent[];
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly window: number;
  readonly deadlineMs: number;
  /** There and back each take so long. */
  readonly networkMs: number;
  readonly nextNumber: () => number;
  readonly onOutcome: (outcome: SimulatedOutcome) => void;
  /** The model of `adaptive`. */
  readonly predictor?: Predictor | undefined;
  /** Told of all work, to learn from it. */
  readonly watch?: WorkWatch | undefined;
}

interface Waiting {
  readonly beganAtMs: number;
}

/** One coordinator with a table of its own, and work that waits in it while no agent has room. */
export class SimulatedCoordinator {
  private readonly table = new LoadTable();
  private readonly request: PickRequest;
  private readonly balancer: Balancer | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly slots: number[];

  constructor(private readonly parts: CoordinatorParts) {
    const { agents, contestant, random, window, predictor } = parts;
    const ids = agents.map((_, at) => `agent-${String(at).padStart(4, '0')}`);
    this.slots = ids.map((agentId) => this.table.upsert(agentId, { weight: 1, window }, 0));
    this.request = new PickRequest(Candidates.of(this.table, ids), () => random.next());
    this.balancer = contestant === 'random' ? undefined : balancerOf(contestant, { predictor });
  }

  /** What is in flight from here, by agent. */
  inFlight(): number[] {
    return this.slots.map((slot) => this.table.inFlight(slot));
  }

  hear(elsewhere: readonly number[]): void {
    elsewhere.forEach((count, agent) => this.table.setElsewhere(this.slots[agent]!, count));
  }

  coordinate(): void {
    this.waiting.push({ beganAtMs: this.parts.timeline.nowMs });
    this.drain();
  }

  private drain(): void {
    for (let work = this.waiting[0]; work; work = this.waiting[0]) {
      const { timeline, deadlineMs, onOutcome } = this.parts;
      const waitedMs = timeline.nowMs - work.beganAtMs;
      if (waitedMs >= deadlineMs) {
        onOutcome({ agent: noAgent, beganAtMs: work.beganAtMs, latencyMs: deadlineMs, isGood: false });
      } else {
        const agent = this.pick();
        if (agent === noAgent) return;
        this.dispatch(agent, work.beganAtMs);
      }
      this.waiting.shift();
    }
  }

  private pick(): number {
    const { random, timeline, nextNumber } = this.parts;
    if (!this.balancer) return random.integer(0, this.slots.length - 1);
    this.request.nowMs = timeline.nowMs;
    if (this.balancer.name === 'round_robin') this.request.number = nextNumber();
    // A key each: what is measured is how even the circle is, and its bound.
    if (this.balancer.name === 'consistent_hash') this.request.affinity = random.integer(0, 2 ** 32 - 1);
    const slot = this.balancer.pick(this.request);
    return slot === noAgent ? noAgent : this.slots.indexOf(slot);
  }

  private dispatch(agent: number, beganAtMs: number): void {
    const { timeline, agents, deadlineMs, networkMs, onOutcome, watch } = this.parts;
    const sentAtMs = timeline.nowMs;
    const slot = this.slots[agent]!;
    const ticket = this.table.begin(slot, sentAtMs);
    const watched = watch?.began(this.table, slot, sentAtMs);
    const expiresAtMs = beganAtMs + deadlineMs;
    let isOpen = true;
    const end = (outcome: Outcome) => {
      if (!isOpen) return false;
      isOpen = false;
      const { nowMs } = timeline;
      if (watched) watch?.ended(watched, outcome, nowMs - sentAtMs);
      this.table.end(ticket, outcome, nowMs - sentAtMs, nowMs);
      onOutcome({ agent, beganAtMs, latencyMs: nowMs - beganAtMs, isGood: outcome === 'done' });
      return true;
    };
    timeline.after(expiresAtMs - sentAtMs, () => {
      if (end('expired')) this.drain();
    });
    const onEnd = (isGood: boolean, load: Parameters<LoadTable['report']>[1]) =>
      timeline.after(networkMs, () => {
        this.table.report(slot, load, timeline.nowMs);
        if (end(isGood ? 'done' : 'failed')) this.drain();
      });
    timeline.after(networkMs, () => agents[agent]!.take({ expiresAtMs, onEnd }));
  }
}
