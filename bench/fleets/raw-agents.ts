// The same agents by hand: the NATS client, JSON, and nothing else.
import { connect, type Msg } from '@nats-io/transport-node';
import { answerParent } from '../processes/parent-line.js';
import { agentIdAt, answerData, groupsAt, type GrowTo, rawSubjects } from './fleet-plan.js';

const [, , servers = ''] = process.argv;
const connection = await connect({ servers, name: 'bench raw agents' });
const load = { cpu: 0.1, memory: 0.1, queueDepth: 0, active: 1 };
let running = 0;

answerParent(async (message) => {
  const { agents } = message as GrowTo;
  for (; running < agents; running += 1) serve(running);
  await connection.flush();
  return { agents: running };
});

function serve(index: number): void {
  const agentId = agentIdAt(index);
  const answer = (_: Error | null, message: Msg) => {
    message.json();
    message.respond(JSON.stringify({ agentId, ok: true, data: answerData, load }));
  };
  connection.subscribe(rawSubjects.agent(agentId), { callback: answer });
  for (const group of groupsAt(index)) connection.subscribe(rawSubjects.group(group), { callback: answer });
}
