import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CausalStamp, type Frontiers } from '@nexus/contracts';
import { Agent, type AgentEvent } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { type Body } from '../support/scripted-fleet.js';
import { type CausalScene, startCausalScene } from './causal-scene.js';
import { lossy, type Lost } from './lossy-connection.js';

/** What an agent was told, in the order in which its handler was called. */
interface Heard {
  readonly agent: Agent;
  readonly payloads: unknown[];
  readonly events: AgentEvent[];
}

let scene: CausalScene;
const heard = new Map<string, Heard>();

async function join(agentId: string, groups: readonly string[], lost: Lost = () => false): Promise<Heard> {
  const payloads: unknown[] = [];
  const events: AgentEvent[] = [];
  const agent = await Agent.start({
    ...{ agentId, groups, connection: lossy(await scene.stack.connect(agentId), lost) },
    handlers: { broadcast: ({ payload }) => void payloads.push(payload) },
    onEvent: (event) => void events.push(event),
  });
  const member = { agent, payloads, events };
  heard.set(agentId, member);
  return member;
}

const isBroadcast = (body: Body) => (body['causal'] as CausalStamp | undefined)?.broadcast !== undefined;

beforeAll(async () => {
  scene = await startCausalScene({ coordinators: 3 });
});

afterAll(async () => {
  await Promise.all([...heard.values()].map(({ agent }) => agent.close({ drainTimeoutMs: 0 })));
  await scene.stop();
});

describe('a fleet told by several coordinators', () => {
  it('hears each caller in the order of its requests, exactly once, though every fifth message is lost', async () => {
    for (const agentId of ['a', 'b', 'c', 'd']) {
      let count = 0;
      // Another one at each agent; a repair is no message to an agent, and comes through.
      await join(agentId, ['workers', `own-${agentId}`], (_subject, body) => {
        if (!isBroadcast(body)) return false;
        count += 1;
        return (count + agentId.charCodeAt(0)) % 5 === 0;
      });
    }
    const senders = new Set<string>();
    const callers = ['x', 'y', 'z'];
    const each = 20;
    await Promise.all(
      callers.map(async (caller) => {
        let after: unknown;
        for (let n = 0; n < each; n += 1) {
          const delivery = n % 4 === 3 ? 'acknowledged' : 'at_most_once';
          const told = await scene.tell({
            ...{ payload: { caller, n }, delivery, timeoutMs: 5_000 },
            ...(after !== undefined && { after }),
          });
          after = told.result['frontiers'];
          senders.add(told.stamp.sender);
        }
      }),
    );
    expect(senders.size).toBe(3);
    for (const [agentId, { payloads, events }] of heard) {
      await eventually(`all at ${agentId}`, () => payloads.length >= callers.length * each);
      for (const caller of callers) {
        const own = (payloads as { caller: string; n: number }[]).filter((one) => one.caller === caller);
        expect(own.map(({ n }) => n)).toEqual(Array.from({ length: each }, (_, n) => n));
      }
      expect(events.filter(({ kind }) => kind === 'causal_gap')).toEqual([]);
    }
  });

  it('hears what an agent publishes after what that agent was told', async () => {
    const [a, b] = [heard.get('a')!, heard.get('b')!];
    const told = await scene.tell({ payload: 'question' });
    await eventually('it is asked', () => a.payloads.includes('question'));
    const { frontiers } = a.agent.publish('workers', 'answer');
    await scene.tell({ payload: 'thanks', after: frontiers });
    await eventually('thanks', () => b.payloads.includes('thanks'));
    const order = b.payloads.filter((one) => typeof one === 'string');
    expect(order).toEqual(['question', 'answer', 'thanks']);
    expect(told.stamp.broadcast).toBeDefined();
  });

  it('is told by an agent that runs a broadcast, between what comes before and after', async () => {
    const lead = await join('lead', ['leads']);
    const before = await scene.tell({ payload: 'before' });
    const { result, status } = await scene.fleet.coordinate({
      agents: { group: 'workers' },
      goal: {
        ...{ type: 'broadcast', coordinator: 'lead', ordering: 'causal', delivery: 'acknowledged' },
        ...{ payload: 'run', after: before.result['frontiers'] },
      },
    });
    expect({ status, result }).toMatchObject({
      status: 'complete',
      result: { targeted: 4, delivered: 4, acknowledged: 4, failed: [], missing: [] },
    });
    expect((result['causal'] as CausalStamp).sender).toMatch(/^lead\./);
    await scene.tell({ payload: 'after', after: result['frontiers'] });
    for (const agentId of ['a', 'b', 'c', 'd']) {
      const { payloads } = heard.get(agentId)!;
      await eventually('all three', () => payloads.includes('after'));
      expect(payloads.slice(-3)).toEqual(['before', 'run', 'after']);
    }
    expect(lead.payloads).toEqual([]);
  });

  it('is told nothing while the broker is away, and nothing is missing afterwards', async () => {
    const { servers } = scene.stack;
    const before = await scene.tell({ payload: 'up' });
    servers.nats.kill('SIGKILL');
    await servers.nats.restart();
    await scene.stack.resubscribed();
    await eventually('the callers are back', () => scene.nats.rtt().catch(() => undefined));
    const after = await eventually('it is served again', () =>
      scene.tell({ payload: 'back', after: before.result['frontiers'] }).catch(() => undefined),
    );
    const { payloads } = heard.get('a')!;
    await eventually('it is back', () => payloads.includes('back'));
    expect(payloads.indexOf('up')).toBeLessThan(payloads.indexOf('back'));
    expect(after.stamp.broadcast).toBeDefined();
  });

  it('gets what a coordinator sent that was killed midway from those that got it', async () => {
    const doomed = new Set(['cut']);
    const cut = await join('cut', ['pair'], (_subject, body) => isBroadcast(body) && doomed.has('cut'));
    const whole = await join('whole', ['pair']);
    const pair = { agents: { group: 'pair' } };
    const first = await scene.tell({ payload: 'last words' }, pair);
    await eventually('one of them has it', () => whole.payloads.length === 1);
    doomed.clear();
    const node = first.stamp.sender.split('.')[0];
    const killed = scene.stack.coordinators.find(({ nodeId }) => nodeId === node)!;
    await killed.cut();
    const next = await scene.tell({ payload: 'next', after: first.result['frontiers'] as Frontiers }, pair);
    expect(next.stamp.sender).not.toBe(first.stamp.sender);
    await eventually('both, at the other', () => cut.payloads.length === 2);
    expect(cut.payloads).toEqual(['last words', 'next']);
    expect(cut.events.filter(({ kind }) => kind === 'causal_gap')).toEqual([]);
  });
});
