/*
 * How well an algorithm balances: agents of unequal speed under work that arrives whether or not earlier work is done
 * (Poisson), through several coordinators that hear of each other now and then. One agent slows down midway, one begins to
 * fail fast, one says that it is idle. Virtual time, one seed: the same figures on every machine.
 */
import { type WorkWatch } from '@nexus/balancer';
import { type Predictor } from '@nexus/core/balancing';
import { quantileOf } from './quantile.js';
import { SeededRandom } from '../seeded-random.js';
import { Timeline } from '../timeline.js';
import { type AgentCharacter, SimulatedAgent } from './simulated-agent.js';
import { type Contestant, SimulatedCoordinator, type SimulatedOutcome } from './simulated-coordinator.js';

export interface ContestOptions {
  readonly seed: number;
  readonly contestant: Contestant;
  /** Work that arrives, by what the agents that work can do after the slow-down: 0.9 is nine tenths. */
  readonly utilisation: number;
  readonly durationMs?: number;
  /** How many of the twenty say that they are idle, 0 to 4. Default 1. */
  readonly liars?: number;
  /** The model of `adaptive`. */
  readonly predictor?: Predictor;
  /** Told of all work, to learn from it. */
  readonly watch?: WorkWatch;
}

export interface ContestResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Of all requests. */
  readonly errorShare: number;
  /** Of what was given out 3 s after it began to fail, and later. */
  readonly failerShare: number;
  /** The part of what was given out that the liar got who got most, by its part of the capacity; 0 without liars. */
  readonly liarByFairShare: number;
  /** Parts of what was given out, by agent. */
  readonly shares: readonly number[];
}

const agentCount = 20;
const slowestPerS = 10;
const failer = 11;
const liarsAt = [7, 3, 17, 12];
const slowing = 14;
const slowsBy = 10;
const failsFromMs = 2_000;
const judgedFromMs = failsFromMs + 3_000;
const deadlineMs = 2_000;
const window = 64;
const networkMs = 0.25;
const coordinatorCount = 2;
const hearsayMs = 250;
const eventsMax = 100_000_000;

/** Twenty agents, the last one twenty times as fast as the first. */
function charactersOf(durationMs: number, liars: number): AgentCharacter[] {
  return Array.from({ length: agentCount }, (_, at) => {
    const agent = { agentId: `agent-${at}`, ratePerS: slowestPerS * (at + 1) };
    if (at === failer) return { ...agent, failsFromMs };
    if (liarsAt.slice(0, liars).includes(at)) return { ...agent, isLiar: true };
    if (at !== slowing) return agent;
    return { ...agent, change: { atMs: durationMs / 2, ratePerS: agent.ratePerS / slowsBy } };
  });
}

/** What they can do together once the one has slowed down and the other fails. */
const capacityPerS = (characters: readonly AgentCharacter[]): number =>
  characters.reduce(
    (sum, { ratePerS, change, failsFromMs: fails }) =>
      sum + (fails === undefined ? (change?.ratePerS ?? ratePerS) : 0),
    0,
  );

/** Lets one contestant balance for a while, and measures. */
export function contest({
  seed,
  contestant,
  utilisation,
  durationMs = 20_000,
  liars = 1,
  predictor,
  watch,
}: ContestOptions): ContestResult {
  const random = new SeededRandom(seed);
  const timeline = new Timeline(eventsMax);
  const characters = charactersOf(durationMs, liars);
  const agents = characters.map(
    (character) => new SimulatedAgent(character, timeline, random.fork(character.agentId)),
  );
  const outcomes: SimulatedOutcome[] = [];
  let number = 0;
  const coordinators = Array.from(
    { length: coordinatorCount },
    (_, at) =>
      new SimulatedCoordinator({
        ...{ contestant, agents, timeline, window, deadlineMs, networkMs, predictor, watch },
        random: random.fork(`coordinator-${at}`),
        nextNumber: () => number++,
        onOutcome: (outcome) => outcomes.push(outcome),
      }),
  );
  shareHearsay(coordinators, timeline, durationMs);
  const meanGapMs = 1_000 / (utilisation * capacityPerS(characters));
  const arrivals = random.fork('arrivals');
  const arrive = () => {
    if (timeline.nowMs >= durationMs) return;
    arrivals.pick(coordinators).coordinate();
    timeline.after(-Math.log(1 - arrivals.next()) * meanGapMs, arrive);
  };
  timeline.after(0, arrive);
  timeline.run(durationMs + 2 * deadlineMs);
  return resultOf(outcomes, characters);
}

function shareHearsay(
  coordinators: readonly SimulatedCoordinator[],
  timeline: Timeline,
  durationMs: number,
): void {
  const share = () => {
    const counts = coordinators.map((coordinator) => coordinator.inFlight());
    for (const [at, coordinator] of coordinators.entries()) {
      const others = counts.filter((_, other) => other !== at);
      coordinator.hear(others[0]!.map((_, agent) => others.reduce((sum, flying) => sum + flying[agent]!, 0)));
    }
    if (timeline.nowMs < durationMs) timeline.after(hearsayMs, share);
  };
  timeline.after(hearsayMs, share);
}

function resultOf(
  outcomes: readonly SimulatedOutcome[],
  characters: readonly AgentCharacter[],
): ContestResult {
  const latenciesMs = Float64Array.from(outcomes, ({ latencyMs }) => latencyMs).sort();
  const judged = outcomes.filter(({ beganAtMs }) => beganAtMs >= judgedFromMs);
  const shares = characters.map((_, at) => judged.filter(({ agent }) => agent === at).length / judged.length);
  return {
    p50Ms: quantileOf(latenciesMs, 0.5),
    p99Ms: quantileOf(latenciesMs, 0.99),
    p999Ms: quantileOf(latenciesMs, 0.999),
    errorShare: outcomes.filter(({ isGood }) => !isGood).length / outcomes.length,
    failerShare: shares[failer]!,
    liarByFairShare: characters.reduce(
      (most, { isLiar, ratePerS }, at) =>
        isLiar ? Math.max(most, (shares[at]! * capacityPerS(characters)) / ratePerS) : most,
      0,
    ),
    shares,
  };
}
