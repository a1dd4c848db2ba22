import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { gate } from '@nexus/testing';
import { type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let client: NexusClient;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ fleet } = scene);
  client = await NexusClient.connect({ connection: await scene.stack.connect('client') });
});

afterAll(() => scene?.stop());

describe('a streamed request', () => {
  it('hands over an answer while another agent still works', async () => {
    const seen = gate();
    await fleet.join('quick', ({ answer }) => answer('first'), { groups: ['pair'] });
    // Answers only after the caller has seen the other's answer: without streaming nothing would ever come.
    await fleet.join('slow', ({ answer }) => void seen.opened.then(() => answer('second')), {
      groups: ['pair'],
    });
    const stream = client.stream({
      agents: { group: 'pair' },
      goal: { type: 'gather', timeoutMs: 20_000 },
    });
    const parts: unknown[] = [];
    for await (const { part } of stream) {
      parts.push(part.responses);
      seen.open();
    }
    expect(parts).toEqual([[{ agentId: 'quick', data: 'first' }], [{ agentId: 'slow', data: 'second' }]]);
    expect(await stream.final).toMatchObject({
      status: 'complete',
      result: {
        responses: [
          { agentId: 'quick', data: 'first' },
          { agentId: 'slow', data: 'second' },
        ],
      },
    });
  });

  it('tells of failures as they come', async () => {
    const seen = gate();
    await fleet.join('sick', ({ refuse }) => refuse('internal', 'no'), { groups: ['ward'] });
    await fleet.join('well', ({ answer }) => void seen.opened.then(() => answer(1)), { groups: ['ward'] });
    const stream = client.stream({ agents: { group: 'ward' }, goal: { type: 'gather', timeoutMs: 20_000 } });
    const failed: unknown[] = [];
    for await (const { part } of stream) {
      failed.push(...(part.failed ?? []));
      seen.open();
    }
    expect(failed).toEqual([{ agentId: 'sick', code: 'internal', message: 'no' }]);
    expect((await stream.final).status).toBe('partial');
  });

  it('streams votes and results of work', async () => {
    await fleet.join(
      'able',
      ({ body, answer }) => answer(body['kind'] === 'vote' ? 'yes' : { did: body['payload'] }),
      { groups: ['able'] },
    );
    const votes = client.stream({
      agents: { group: 'able' },
      goal: { type: 'consensus', proposal: { key: 'k', options: ['yes', 'no'] }, commit: false },
    });
    const seenVotes: unknown[] = [];
    for await (const { part } of votes) seenVotes.push(...(part.votes ?? []));
    expect(seenVotes).toEqual([{ agentId: 'able', vote: 'yes' }]);

    const requests = Array.from({ length: 25 }, (_, index) => ({ id: `w${index}`, payload: index }));
    const work = client.stream({
      agents: { group: 'able' },
      goal: { type: 'load_balance', requests, timeoutMs: 20_000 },
    });
    const seenResults: string[] = [];
    for await (const { part } of work) {
      seenResults.push(...(part.results ?? []).map(({ requestId }) => String(requestId)));
    }
    expect(seenResults.sort()).toEqual(requests.map(({ id }) => id).sort());
    expect((await work.final).result.results).toHaveLength(requests.length);
  });

  it('ends a repeated request with the first outcome, marked as final', async () => {
    const request = {
      agents: { group: 'able' },
      goal: { type: 'gather' as const },
      requestId: 'streamed-once',
    };
    const first = await client.stream(request).final;
    const repeat = await client.stream(request).final;
    expect(repeat).toEqual(first);
    const gathers = fleet.to('able').filter(({ body }) => body['kind'] === 'gather');
    expect(gathers).toHaveLength(1);
  });
});
