import { type Simulation, simulationOf } from '../simulation.js';
import { hold } from '../violation.js';
import { type CausalityCores } from './cores.js';
import { describe } from './judge.js';
import { describeStep } from './plan.js';
import { scenarioOf } from './scenario.js';
import { World } from './world.js';

/** Broadcasts and messages to single agents, under faults. */
export const causalitySimulation = (cores: CausalityCores): Simulation =>
  simulationOf({
    ...{ scenarioOf, describeStep, live },
    worldOf: (scenario, keepsLines) => new World({ scenario, cores, keepsLines }),
  });

/** A healed world comes to rest within this: beacons, then all repairs, one after another. */
const settleMsMax = 40_000;
const lookMs = 500;

function live(world: World): void {
  const { scenario, timeline } = world.context;
  load(world);
  timeline.run(scenario.troubleMs);
  world.heal();
  settle(world);
}

function load({ context, nodes }: World): void {
  const { scenario, timeline, random, channels } = context;
  const draw = random.fork('load');
  const all = [...nodes.values()];
  const agents = [...scenario.agents.keys()];
  const next = (): void =>
    timeline.after(draw.between(0, 2_000 / scenario.sendsPerSecond), () => {
      if (timeline.nowMs > scenario.troubleMs) return;
      const node = draw.pick(all);
      const targets = draw.shuffled(agents).slice(0, draw.integer(1, 2));
      // Agents send to channels that they belong to.
      const channel = draw.pick(node.channels ?? channels);
      if (draw.chance(0.25)) node.target(targets);
      else node.broadcast(channel);
      next();
    });
  next();
}

/** Nothing is sent any more: everybody gets what it must, and waits for nothing. */
function settle(world: World): void {
  const { timeline } = world.context;
  const untilMs = timeline.nowMs + settleMsMax;
  while (unsettled(world) !== null && timeline.nowMs < untilMs) timeline.run(timeline.nowMs + lookMs);
  const reason = unsettled(world);
  hold(reason === null, 'nobody waits for ever, and nothing is lost', () => reason!);
  // What is repaired late must not be delivered once more.
  timeline.run(timeline.nowMs + 2 * lookMs);
}

function unsettled({ nodes, senders, context }: World): string | null {
  for (const { name, listener, held } of nodes.values()) {
    if (!listener) continue;
    if (held > 0) return `${name} holds ${held} back`;
    const missing = context.judge.missing(listener, senders);
    if (missing) return `${name} never got ${describe(missing)}`;
  }
  return null;
}
