import { type Simulation, simulationOf } from '../simulation.js';
import { type Cores } from './cores.js';
import { Load } from './load.js';
import { describeStep } from './plan.js';
import { Recovery } from './recovery.js';
import { scenarioOf } from './scenario.js';
import { World } from './world.js';

const settleMs = 5;

/** Raft groups under faults: one from start to end, with faults, then healed. */
export const raftSimulation = (cores: Cores): Simulation =>
  simulationOf({
    ...{ scenarioOf, describeStep },
    worldOf: (scenario, keepsLines) => new World({ scenario, cores, keepsLines }),
    live: (world) => {
      const { coverage, invariants } = world.context;
      try {
        live(world);
      } finally {
        coverage.count('raft: terms led', invariants.leaders.elected);
        coverage.count('raft: entries committed', invariants.commits.lastIndex);
      }
    },
  });

function live(world: World): void {
  const { scenario, timeline } = world.context;
  const load = new Load(world);
  timeline.run(scenario.safetyMs);
  load.stop();
  world.heal();
  // What has arrived is taken in by whoever was paused, before it is judged who can make a quorum.
  world.isolate(new Set());
  timeline.run(scenario.safetyMs + settleMs);
  new Recovery(world).run();
}
