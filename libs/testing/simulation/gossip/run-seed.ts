import { type SeededRandom } from '../seeded-random.js';
import { play, type RunOptions, type Simulation, type SimulationResult } from '../simulation.js';
import { type GossipCores } from './cores.js';
import { describeStep } from './plan.js';
import { scenarioOf } from './scenario.js';
import { Settlement } from './settlement.js';
import { World } from './world.js';

/** Members that gossip, under faults. */
export const gossipSimulation = (cores: GossipCores): Simulation => ({
  run: (seed, options = {}) => runSeed(seed, cores, options),
  plan: (seed) => scenarioOf(seed).steps.map((step) => ({ number: step.number, text: describeStep(step) })),
});

function runSeed(
  seed: number,
  cores: GossipCores,
  { steps, keepsLines = false }: RunOptions,
): SimulationResult {
  const scenario = scenarioOf(seed);
  const chosen = steps ? scenario.steps.filter(({ number }) => steps.includes(number)) : scenario.steps;
  const world = new World({ scenario: { ...scenario, steps: chosen }, cores, keepsLines });
  const { timeline, coverage, trace } = world.context;
  return play({ seed, timeline, coverage, trace }, () => {
    load(world);
    timeline.run(scenario.troubleMs);
    world.heal();
    new Settlement(world).run();
  });
}

/** Members change their keys, now and then urgently, until the trouble ends. */
function load({ context, cluster }: World): void {
  const { scenario, timeline, random } = context;
  const draw: SeededRandom = random.fork('load');
  const everyMs = scenario.gossip.roundMs / scenario.putsPerRound;
  const hosts = [...cluster.hosts.values()];
  const next = (): void =>
    timeline.after(draw.between(0, 2 * everyMs), () => {
      if (timeline.nowMs > scenario.troubleMs) return;
      draw.pick(hosts).put(draw.pick(scenario.keys), { urgent: draw.chance(0.2), removes: draw.chance(0.3) });
      next();
    });
  next();
}
