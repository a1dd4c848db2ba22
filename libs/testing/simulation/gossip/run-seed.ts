import { type SeededRandom } from '../seeded-random.js';
import { type Simulation, simulationOf } from '../simulation.js';
import { type GossipCores } from './cores.js';
import { describeStep } from './plan.js';
import { scenarioOf } from './scenario.js';
import { Settlement } from './settlement.js';
import { World } from './world.js';

/** Members that gossip, under faults. */
export const gossipSimulation = (cores: GossipCores): Simulation =>
  simulationOf({
    ...{ scenarioOf, describeStep, live },
    worldOf: (scenario, keepsLines) => new World({ scenario, cores, keepsLines }),
  });

function live(world: World): void {
  const { scenario, timeline } = world.context;
  load(world);
  timeline.run(scenario.troubleMs);
  world.heal();
  new Settlement(world).run();
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
