import { play, type RunOptions, type Simulation, type SimulationResult } from '../simulation.js';
import { type Cores } from './cores.js';
import { Load } from './load.js';
import { describeStep } from './plan.js';
import { Recovery } from './recovery.js';
import { type Scenario, scenarioOf } from './scenario.js';
import { World } from './world.js';

const settleMs = 5;

/** Raft groups under faults. */
export const raftSimulation = (cores: Cores): Simulation => ({
  run: (seed, options = {}) => runSeed(seed, { ...options, cores }),
  plan: (seed) => scenarioOf(seed).steps.map((step) => ({ number: step.number, text: describeStep(step) })),
});

/** Runs one simulated group from start to end: with faults, then healed. */
export function runSeed(seed: number, options: RunOptions & { readonly cores: Cores }): SimulationResult {
  const scenario = scenarioOf(seed);
  const { steps, cores, keepsLines = false } = options;
  const chosen = steps ? scenario.steps.filter(({ number }) => steps.includes(number)) : scenario.steps;
  const world = new World({ scenario: { ...scenario, steps: chosen }, cores, keepsLines });
  const { timeline, coverage, trace, invariants } = world.context;
  return play({ seed, timeline, coverage, trace }, () => {
    try {
      live(world, scenario);
    } finally {
      coverage.count('raft: terms led', invariants.leaders.elected);
      coverage.count('raft: entries committed', invariants.commits.lastIndex);
    }
  });
}

function live(world: World, { safetyMs }: Scenario): void {
  const { timeline } = world.context;
  const load = new Load(world);
  timeline.run(safetyMs);
  load.stop();
  world.heal();
  // What has arrived is taken in by whoever was paused, before it is judged who can make a quorum.
  world.isolate(new Set());
  timeline.run(safetyMs + settleMs);
  new Recovery(world).run();
}
