// All crews in one process, which speak the wire by hand: what they say of their load is theirs to say.
import { randomBytes } from 'node:crypto';
import { connect, type Msg } from '@nats-io/transport-node';
import { SeededRandom } from '@nexus/testing';
import { answerParent } from '../processes/parent-line.js';
import { agentIdIn, type CrewPlan, crews, leastFactor } from './crews.js';

/** As many as an agent takes in; it does them one by one. */
const maxConcurrency = 16;
const registerTimeoutMs = 5_000;

const [, , servers = '', prefix = '', seed = '0'] = process.argv;
const nats = await connect({ servers, name: 'bench crews' });
const random = new SeededRandom(Number(seed), 'service times');

answerParent(async () => {
  const starting = crews.flatMap((plan) =>
    Array.from({ length: plan.agents }, (_, index) =>
      start(plan, index, random.fork(`${plan.crew} ${index}`)),
    ),
  );
  return { agents: (await Promise.all(starting)).length };
});

async function start({ crew, habits }: CrewPlan, index: number, chance: SeededRandom): Promise<void> {
  const agentId = agentIdIn(crew, index);
  const token = randomBytes(16).toString('base64url');
  const { serviceMs, cleaningUp, says } = habits(index);
  let freeAt = 0;
  let underWay = 0;
  let saying = says;
  const load = () => ({ ...saying, queueDepth: Math.max(0, underWay - 1) });
  const answer = (message: Msg) => {
    underWay -= 1;
    const cleansUp = cleaningUp !== undefined && chance.next() < cleaningUp.share;
    if (cleansUp) freeAt = Math.max(freeAt, performance.now()) + cleaningUp.takesMs;
    saying = cleansUp ? cleaningUp.says : says;
    message.respond(JSON.stringify({ agentId, ok: true, data: null, load: load() }));
  };
  nats.subscribe(`${prefix}.agent.${agentId}`, {
    callback: (_, message) => {
      const nowMs = performance.now();
      underWay += 1;
      const tookMs = serviceMs * (leastFactor + (2 - 2 * leastFactor) * chance.next());
      freeAt = Math.max(freeAt, nowMs) + tookMs;
      setTimeout(() => answer(message), freeAt - nowMs);
    },
  });
  await nats.flush();
  const reply = await nats.request(
    `${prefix}.agents.register.${agentId}`,
    JSON.stringify({ token, groups: [crew], maxConcurrency }),
    { timeout: registerTimeoutMs },
  );
  const { error, heartbeatMs } = reply.json<{ error?: { message: string }; heartbeatMs: number }>();
  if (error) throw new Error(error.message);
  setInterval(() => {
    nats.publish(
      `${prefix}.agents.heartbeat.${agentId}`,
      JSON.stringify({ token, ...load(), active: underWay }),
    );
  }, heartbeatMs);
}
