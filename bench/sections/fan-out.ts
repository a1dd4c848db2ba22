import { agentIdAt, fleetSizes, groupOf, rawSubjects } from '../fleets/fleet-plan.js';
import { type Stack } from '../stack.js';
import { ratesOf, type StackSection } from './section.js';

const payload = { ask: 'load' };

/** All told, or all asked, and every answer in. */
export const fanOut: StackSection = {
  name: 'fan-out',
  summary: `broadcast and gather at ${fleetSizes.join(', ')} agents, against the same by hand`,
  on: 'stack',
  run: async (context, onTable) => {
    for (const size of fleetSizes) {
      await context.stack.grow(size);
      const ways = { ...byHand(context.stack, size), ...byNexus(context.stack, size) };
      const title = `${size} agents, one after the other`;
      onTable(await ratesOf(context, { title, unit: 'whole/s', ways, inFlight: 1 }));
    }
  },
};

function byHand({ raw }: Stack, size: number) {
  const message = { coordinationId: 'by-hand', kind: 'gather', payload, budgetMs: 5_000, attempt: 1 };
  const each = Array.from({ length: size }, (_, index) => rawSubjects.agent(agentIdAt(index)));
  const group = rawSubjects.group(groupOf(size));
  return {
    'raw, a publish an agent': () => raw.askEach(each, message),
    'raw, one publish to a group': () => raw.askGroup(group, message, size),
    'raw, requestMany': () => raw.requestMany(group, message, size),
  };
}

function byNexus({ nexus }: Stack, size: number) {
  const agents = { group: groupOf(size) };
  return {
    'Nexus broadcast, acknowledged': () =>
      nexus.coordinate({ agents, goal: { type: 'broadcast', payload, delivery: 'acknowledged' } }),
    'Nexus gather': () => nexus.coordinate({ agents, goal: { type: 'gather', payload } }),
    'Nexus gather, with a request id': () =>
      nexus.coordinateOnce({ agents, goal: { type: 'gather', payload } }),
  };
}
