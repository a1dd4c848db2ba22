import { setTimeout as pause } from 'node:timers/promises';
import { groupOf, rawSubjects } from '../fleets/fleet-plan.js';
import { closedLoop } from '../measure/closed-loop.js';
import { residentBytes } from '../processes/resident.js';
import { type StackSection, type SectionContext } from './section.js';

const agents = 1_000;
const inFlight = 64;
/** Requests for an assignment to one gather from the whole fleet. */
const assignsPerGather = 400;
const loadWithinMs = 20_000;

/** What the processes weigh. */
export const footprint: StackSection = {
  name: 'footprint',
  summary: `memory of each process: idle, with ${agents} agents, after a load`,
  on: 'fresh stack',
  run: async (context, onTable) => {
    const { stack, effort, servers, progress } = context;
    const pids = {
      coordinator: stack.services.coordinator.pid,
      routing: stack.services.routing.pid,
      'agents of Nexus': stack.agents.pid,
      'raw agents': stack.rawAgents.pid,
      'raw responder': stack.responder.pid,
      ...servers,
    };
    const readings: number[][] = [];
    const read = async () => {
      await pause(effort.settleMs);
      readings.push(await Promise.all(Object.values(pids).map(residentBytes)));
    };
    await read();
    progress(`footprint: ${agents} agents join`);
    await stack.grow(agents);
    await read();
    await putUnderLoad(context);
    await read();
    onTable({
      kind: 'memory',
      title: 'resident memory',
      moments: ['idle', `${agents} agents`, 'after the load'],
      processes: Object.keys(pids).map((name, index) => ({
        name,
        residentBytes: readings.map((reading) => reading[index]!),
      })),
    });
  },
};

/** The same number of requests by Nexus and by hand. */
async function putUnderLoad({ stack, effort, progress }: SectionContext): Promise<void> {
  const { nexus, raw } = stack;
  const whole = { agents: { group: groupOf(agents) } };
  const once = { goal: { type: 'load_balance' as const, requests: [{ id: 'one' }], dispatch: false } };
  const group = rawSubjects.group(groupOf(agents));
  await stack.respond({ name: 'footprint', reply: { assignments: ['agent-0'] } });
  const calls = [
    () => nexus.assign(whole),
    () => nexus.coordinateOnce({ ...whole, ...once }),
    () => raw.ask(rawSubjects.answer('footprint'), whole),
  ];
  for (const [index, call] of calls.entries()) {
    progress(`footprint: ${effort.memoryRequests} requests, ${index + 1} of ${calls.length}`);
    await closedLoop(call, { inFlight, durationMs: loadWithinMs, callsMax: effort.memoryRequests });
  }
  const gathers = {
    inFlight: 1,
    durationMs: loadWithinMs,
    callsMax: effort.memoryRequests / assignsPerGather,
  };
  progress('footprint: gathers');
  await closedLoop(() => nexus.coordinate({ ...whole, goal: { type: 'gather' } }), gathers);
  await closedLoop(() => raw.askGroup(group, { kind: 'gather' }, agents), gathers);
}
