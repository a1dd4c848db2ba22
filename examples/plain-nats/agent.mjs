// An agent of Nexus with nothing but a NATS client. What it speaks is plain JSON: any language can do the same.
//
//   node examples/plain-nats/agent.mjs <agentId> [natsUrl]
import { randomBytes } from 'node:crypto';
import { connect } from '@nats-io/transport-node';

const [agentId = 'plain-1', servers = 'nats://127.0.0.1:4222'] = process.argv.slice(2);
const nats = await connect({ servers, name: `agent ${agentId}`, maxReconnectAttempts: -1 });

/** What the agent does for each kind of message; what it returns is the answer's `data`. */
const handlers = {
  broadcast: (payload) => ({ heard: payload ?? null }),
  gather: () => ({ pid: process.pid, rssBytes: process.memoryUsage.rss(), uptimeS: process.uptime() }),
  // An option, or null to abstain.
  vote: (proposal) => proposal.options?.[0] ?? null,
  task: (payload) => ({ length: JSON.stringify(payload ?? null).length }),
};

function answer(message) {
  try {
    const { kind, payload } = message.json();
    const handle = handlers[kind];
    if (!handle)
      return { agentId, ok: false, error: { code: 'not_found', message: `no handler for ${kind}` } };
    return { agentId, ok: true, data: handle(payload) };
  } catch (error) {
    return { agentId, ok: false, error: { code: 'internal', message: String(error.message) } };
  }
}

function receive(error, message) {
  // Only where an answer is wanted, and only to an inbox.
  if (error || !message.reply?.startsWith('_INBOX.')) return;
  message.respond(JSON.stringify(answer(message)));
}

// Listen first, then register: from that moment messages may come.
nats.subscribe(`nexus.agent.${agentId}`, { callback: receive });
nats.subscribe('nexus.group.workers', { callback: receive });

async function ask(verb, body) {
  const reply = await nats.request(`nexus.agents.${verb}.${agentId}`, JSON.stringify(body), {
    timeout: 2_000,
  });
  const { error, ...rest } = reply.json();
  if (error) throw new Error(`${error.code}: ${error.message}`);
  return rest;
}

// Of our own making: a registration whose reply was lost can be repeated.
const token = randomBytes(16).toString('base64url');
let heartbeatMs;

/** Registers, for as long as it takes: nobody may be there yet, or an earlier life may still hold the id. */
async function register() {
  const body = { token, groups: ['workers'], capabilities: ['plain'] };
  for (;;) {
    try {
      ({ heartbeatMs } = await ask('register', body));
      console.log(`${agentId} registered; a heartbeat every ${heartbeatMs} ms`);
      return;
    } catch (error) {
      console.log(`not registered yet: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1_000));
    }
  }
}

async function beat() {
  try {
    const load = { cpu: 0, memory: 0, queueDepth: 0, active: 0 };
    await ask('heartbeat', { token, ...load });
  } catch (error) {
    // Forgotten: the registration ran out, or its store was lost. Anything else passes by itself.
    if (/^(not_found|unauthorized):/.test(error.message)) await register();
  }
  timer = setTimeout(beat, heartbeatMs);
}

let timer;
await register();
timer = setTimeout(beat, heartbeatMs);

async function leave() {
  clearTimeout(timer);
  // Where nobody hears it the registration runs out by itself.
  await ask('deregister', { token }).catch(() => undefined);
  await nats.drain();
  process.exit(0);
}
process.once('SIGINT', leave);
process.once('SIGTERM', leave);
