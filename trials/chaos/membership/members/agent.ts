// An agent as a process of its own, and a member of the gossip: `agent.js <servers> <prefix> <agentId>`. It tells the
// trial which broadcasts it was handed, in their order.
import { Agent } from '@nexus/sdk';
import { type Broadcast, fleetGroup } from '../load/broadcast.js';
import { tell } from './news.js';

const tellEveryMs = 1_000;

const [, , servers = '', prefix = '', agentId = ''] = process.argv;
let numbers: number[] = [];

setInterval(() => {
  if (numbers.length > 0) tell({ kind: 'delivered', numbers });
  numbers = [];
}, tellEveryMs).unref();

await Agent.start({
  servers,
  prefix,
  agentId,
  groups: [fleetGroup],
  gossip: true,
  handlers: {
    broadcast: ({ payload }) => {
      numbers.push((payload as Broadcast).number);
      return null;
    },
    gather: () => ({ pid: process.pid }),
  },
});
tell({ kind: 'registered', atMs: Date.now() });
