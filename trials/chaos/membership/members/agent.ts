// An agent as a process of its own, and a member of the gossip: `agent.js <servers> <prefix> <agentId>`. It tells the
// trial which broadcasts it was handed, in their order.
import { type Channel } from '@nexus/contracts';
import { Agent } from '@nexus/sdk';
import { gossipRoundMs } from '../../chaos.config.js';
import { type Broadcast, fleetGroup } from '../load/broadcast.js';
import { type Handed, tell } from './news.js';

const tellEveryMs = 1_000;

const [, , servers = '', prefix = '', agentId = ''] = process.argv;
const channel = `group.${fleetGroup}` as Channel;
let broadcasts: Handed[] = [];

setInterval(() => {
  if (broadcasts.length > 0) tell({ kind: 'delivered', broadcasts });
  broadcasts = [];
}, tellEveryMs).unref();

await Agent.start({
  servers,
  prefix,
  agentId,
  groups: [fleetGroup],
  gossip: { roundMs: gossipRoundMs() },
  handlers: {
    broadcast: ({ payload, causal }) => {
      const { number } = payload as Broadcast;
      const { sender = '', broadcast, after = {} } = causal ?? {};
      broadcasts.push({ number, sender, sequence: broadcast?.sequence ?? 0, after: after[channel] ?? {} });
      return null;
    },
    gather: () => ({ pid: process.pid }),
  },
  onEvent: (event) => {
    if (event.kind === 'causal_gap') tell({ kind: 'given_up', count: event.to - event.from + 1 });
  },
});
tell({ kind: 'registered', atMs: Date.now() });
