// A process of agents of Nexus on one connection.
import { Agent, Connection } from '@nexus/sdk';
import { answerParent } from '../processes/parent-line.js';
import { agentIdAt, answerData, groupsAt, type GrowTo } from './fleet-plan.js';

/** Registrations under way at once. */
const joiningMax = 50;

const [, , servers = '', prefix = ''] = process.argv;
const connection = await Connection.open({ servers, name: 'bench agents' });
let running = 0;

answerParent(async (message) => {
  const { agents } = message as GrowTo;
  while (running < agents) {
    const joining = Math.min(joiningMax, agents - running);
    await Promise.all(Array.from({ length: joining }, (_, offset) => start(running + offset)));
    running += joining;
  }
  return { agents: running };
});

function start(index: number): Promise<Agent> {
  return Agent.start({
    connection,
    prefix,
    agentId: agentIdAt(index),
    groups: groupsAt(index),
    handlers: { broadcast: () => null, gather: () => answerData, task: () => answerData },
  });
}
