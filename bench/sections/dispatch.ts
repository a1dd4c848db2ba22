import { agentIdAt, groupOf, rawSubjects } from '../fleets/fleet-plan.js';
import { ratesOf, type StackSection, type SectionContext } from './section.js';

const agents = 10;
const units = 1_000;
/** As many as Nexus keeps under way: 16 at each agent. */
const underWay = 16 * agents;

/** Work shared out and its results brought back. */
export const dispatch: StackSection = {
  name: 'dispatch',
  summary: `${units} units of trivial work on ${agents} agents, against round robin by hand`,
  on: 'stack',
  run: async (context, onTable) => {
    await context.stack.grow(agents);
    const title = `${units} units on ${agents} agents, ${underWay} under way; times are of a whole batch`;
    const ways = waysOf(context.stack);
    onTable(await ratesOf(context, { title, unit: 'units/s', ways, inFlight: 1, unitsPerCall: units }));
  },
};

type Send = (subject: string, body: object) => Promise<unknown>;

function waysOf({ raw, nexus }: SectionContext['stack']) {
  const requests = Array.from({ length: units }, (_, index) => ({ id: `unit-${index}`, payload: { index } }));
  const goal = { type: 'load_balance' as const, requests };
  const target = { group: groupOf(agents) };
  return {
    'raw, one inbox': () => byHand((subject, body) => raw.ask(subject, body)),
    'raw, nc.request': () => byHand((subject, body) => raw.request(subject, body)),
    'Nexus load_balance': () => nexus.coordinate({ agents: target, goal }),
    'Nexus load_balance, with a request id': () => nexus.coordinateOnce({ agents: target, goal }),
  };
}

async function byHand(send: Send): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < units) {
      const index = next++;
      const body = {
        coordinationId: 'by-hand',
        kind: 'task',
        payload: { index },
        budgetMs: 5_000,
        attempt: 1,
      };
      await send(rawSubjects.agent(agentIdAt(index % agents)), body);
    }
  };
  await Promise.all(Array.from({ length: underWay }, lane));
}
