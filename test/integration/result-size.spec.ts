import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { encodeBody } from '@nexus/wire';
import { type Body, type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let client: NexusClient;
let fleet: ScriptedFleet;

const large = 'x'.repeat(900_000);

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ fleet } = scene);
  client = await NexusClient.connect({ connection: await scene.stack.connect('client') });
});

afterAll(() => scene?.stop());

describe('the size of a result', () => {
  it('makes an answer that grows beyond one message the failure of its agent alone', async () => {
    await fleet.join('plain', ({ answer }) => answer('here'), { groups: ['growing'] });
    await fleet.join(
      'growing',
      ({ raw }) => {
        const numbers = new Array<string>(190_000).fill('1e20').join(',');
        raw(`{"agentId":"growing","ok":true,"data":[${numbers}]}`);
      },
      { groups: ['growing'] },
    );
    const request = { agents: { group: 'growing' }, goal: { type: 'gather', timeoutMs: 20_000 } };
    const { status, result } = await fleet.coordinate(request);
    expect(status).toBe('partial');
    expect(result).toMatchObject({
      responses: [{ agentId: 'plain', data: 'here' }],
      failed: [{ agentId: 'growing', code: 'payload_too_large' }],
      missing: [],
    });
  });

  it('is bounded: what comes once it is full fails, and the rest is delivered', async () => {
    await fleet.join('hoarder', ({ answer }) => answer(large), { groups: ['hoard'], maxConcurrency: 4 });
    const requests = Array.from({ length: 45 }, (_, index) => ({ id: `w${index}` }));
    const { status, result } = await client.loadBalance(
      { group: 'hoard' },
      { requests, timeoutMs: 25_000 },
      { requestId: 'hoard-1' },
    );
    expect(status).toBe('partial');
    const results = result.results ?? [];
    expect(results).toHaveLength(requests.length);
    const failed = results.filter(({ ok }) => !ok);
    expect(new Set(failed.map(({ error }) => error?.code))).toEqual(new Set(['payload_too_large']));
    const done = results.filter(({ ok }) => ok);
    expect(done.length * large.length).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect((done.length + 1) * (large.length + 100)).toBeGreaterThan(32 * 1024 * 1024);
    // Too large to be kept: its repeat is told so, and nobody works again.
    const repeat = client.loadBalance({ group: 'hoard' }, { requests }, { requestId: 'hoard-1' });
    await expect(repeat).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(fleet.to('hoarder')).toHaveLength(requests.length);
  });

  it('bounds no acknowledgements: what is said in them is not sent on', async () => {
    const script = ({ answer }: { answer(data: unknown): void }) => answer(large);
    for (const agentId of ['loud-1', 'loud-2']) await fleet.join(agentId, script, { groups: ['loud'] });
    const { status, result } = await client.broadcast({ group: 'loud' }, { delivery: 'acknowledged' });
    expect(status).toBe('complete');
    expect(result.acknowledged).toBe(2);
  });

  it('is streamed once: the end brings only what has not left before', async () => {
    const script = ({ answer }: { answer(data: unknown): void }) => answer(large);
    for (const agentId of ['wide-1', 'wide-2', 'wide-3'])
      await fleet.join(agentId, script, { groups: ['wide'] });
    const request = {
      ...{ agents: { group: 'wide' }, goal: { type: 'gather', timeoutMs: 20_000 } },
      ...{ stream: true, requestId: 'wide-1' },
    };
    const messages = await fleet.conversation(request);
    const parts = messages.slice(0, -1).map((message) => message.json<{ part: Body }>().part);
    const end = messages.at(-1)!;
    expect(end.headers?.get('Nexus-Lists')).toBe('split');
    expect(end.json<Body>()).toMatchObject({ status: 'complete', result: { responses: [] } });
    const streamed = parts.flatMap(({ responses }) => responses as { agentId: string }[]);
    expect(streamed.map(({ agentId }) => agentId).sort()).toEqual(['wide-1', 'wide-2', 'wide-3']);

    const { status, result } = await client.stream({
      agents: { group: 'wide' },
      goal: { type: 'gather', timeoutMs: 20_000 },
    }).final;
    expect(status).toBe('complete');
    expect(result).toMatchObject({ responses: [{}, {}, {}] });
  });
});

describe('the size of a result that was kept for a repeat', () => {
  it('is looked at anew: what just exceeds one message comes in parts again', async () => {
    const half = 'x'.repeat(523_000);
    const script = ({ answer }: { answer(data: unknown): void }) => answer(half);
    for (const agentId of ['half-1', 'half-2']) await fleet.join(agentId, script, { groups: ['halves'] });
    const ask = () => client.gather({ group: 'halves' }, {}, { requestId: 'halves-1' });
    const first = await ask();
    expect(first.result.responses).toHaveLength(2);
    expect(await ask()).toEqual(first);
    expect(fleet.to('half-1')).toHaveLength(1);
  });
});

describe('the size of a message to agents', () => {
  it.each<[string, Body]>([
    ['broadcast', {}],
    ['gather', {}],
    ['load_balance', { requests: Array.from({ length: 7_000 }, (_, index) => ({ id: `w${index}` })) }],
  ])('that outgrows the broker refuses a %s once, before anybody is asked', async (type, more) => {
    let asked = 0;
    await fleet.join(`reader-${type}`, () => (asked += 1), { groups: [`readers-${type}`] });
    // One byte each in MessagePack, and six in the JSON that agents are sent.
    const goal = { type, payload: '\u0001'.repeat(175_000), timeoutMs: 20_000, ...more };
    const request = encodeBody({ agents: { group: `readers-${type}` }, goal }, 'msgpack');
    const reply = await fleet.send('nexus.coordinate', request, { 'Content-Type': 'application/msgpack' });
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('413');
    expect(asked).toBe(0);
  });
});
