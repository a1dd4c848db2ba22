// A process of a peer: `crew <peer>` is asked, `client <peer> <manner>` asks.
import { closedLoop } from '../measure/closed-loop.js';
import { answerParent } from '../processes/parent-line.js';
import { type GrowTo } from '../fleets/fleet-plan.js';
import { type Client, type ClientOrder, type PeerGround, type ReadyReply } from './peer.js';
import { isPeerName, peers } from './peers.js';

const [, , role = '', name = '', manner = '', ...rest] = process.argv;
const [servers = '', prefix = '', instance = ''] = rest;
const ground: PeerGround = { servers, prefix, instance };
if (!isPeerName(name)) throw new Error(`no peer ${name}`);
const peer = await peers[name]();

if (role === 'crew') {
  const crew = await peer.crew(ground);
  answerParent(async (message) => {
    const { agents } = message as GrowTo;
    await crew.grow(agents);
    return { agents };
  });
} else {
  const open = peer.clients[manner];
  if (open === undefined) throw new Error(`${name} has no client ${manner}`);
  // Crews may come up later than clients: what is asked first waits for both.
  const opening = open(ground);
  answerParent(async (message) => obey(await opening, message as ClientOrder));
}

async function obey(client: Client, order: ClientOrder): Promise<object> {
  if ('ready' in order) {
    return whetherReady(client, order.ready);
  }
  const call = client[order.act];
  if (call === undefined) throw new Error(`${name} ${manner} cannot ${order.act}`);
  return closedLoop(() => call(order.agents), order.load);
}

/** A fleet that is too large for a way is a result, and no reason to end. */
async function whetherReady(client: Client, agents: number): Promise<ReadyReply> {
  try {
    await client.ready?.(agents);
    return { ready: true };
  } catch (error) {
    return { ready: false, why: error instanceof Error ? error.message : String(error) };
  }
}
