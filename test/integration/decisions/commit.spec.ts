import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConsensusResult } from '@nexus/contracts';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type DecisionScene, startDecisionScene } from './decision-scene.js';

let scene: DecisionScene | undefined;
let fleet: ScriptedFleet;

const voters = ['v1', 'v2', 'v3'];

/** Votes what the goal's payload says. */
const vote = ({ body, answer }: Delivery) => answer((body['payload'] as Body)['payload']);

beforeAll(async () => {
  scene = await startDecisionScene({ coordinators: 2 });
  ({ fleet } = scene);
  for (const agentId of voters) await fleet.join(agentId, vote, { groups: ['parliament'] });
});

afterAll(() => scene?.stop());

const request = (key: string, opinion: unknown, more: Body = {}): Body => ({
  agents: { group: 'parliament' },
  goal: { type: 'consensus', proposal: { key }, payload: opinion, timeoutMs: 15_000 },
  ...more,
});

const decisionOf = (result: Body) => (result as unknown as ConsensusResult).decision!;

describe('the decision of a fleet', () => {
  it('is recorded, and tells where it stands', async () => {
    const { status, result } = await fleet.coordinate(request('colour', 'red'));
    expect(status).toBe('complete');
    expect(result).toMatchObject({ decided: true, value: 'red' });
    const { index, term, version } = decisionOf(result);
    expect(index).toBeGreaterThan(0);
    expect(term).toBeGreaterThan(0);
    expect(await scene!.client.read('colour')).toMatchObject({ value: 'red', version });
    const next = await fleet.coordinate(request('colour', 'blue'));
    expect(decisionOf(next.result).version).toBeGreaterThan(version);
    expect(await scene!.client.read('colour')).toMatchObject({ value: 'blue' });
  });

  it('may be any JSON that was put to the vote', async () => {
    const value = { deploy: ['v2', null, { by: 'ann' }] };
    const { result } = await fleet.coordinate({
      agents: { group: 'parliament' },
      goal: { type: 'consensus', proposal: { key: 'plan', value }, payload: 'accept', timeoutMs: 15_000 },
    });
    expect(result).toMatchObject({ decided: true, value });
    expect(await scene!.client.read('plan')).toMatchObject({ value });
  });

  it('is made once for one request id, whoever repeats it', async () => {
    const repeated = request('once', 'red', { requestId: 'r-1' });
    const first = await fleet.coordinate(repeated);
    for (let repeat = 0; repeat < 4; repeat += 1) {
      expect((await fleet.coordinate(repeated)).result).toEqual(first.result);
    }
    expect(await scene!.client.read('once')).toMatchObject({ version: decisionOf(first.result).version });
  });

  it('is still the first when nobody remembers the request but the log', async () => {
    const repeated = request('remembered', 'red', { requestId: 'r-2' });
    const { version } = decisionOf((await fleet.coordinate(repeated)).result);
    // Another payload is another request to whoever remembers the first; to the log it has the same name.
    await scene!.forgetOutcomes();
    const { result } = await fleet.coordinate(request('remembered', 'blue', { requestId: 'r-2' }));
    expect(result).toMatchObject({ decided: true, value: 'red', decision: { version } });
    expect(await scene!.client.read('remembered')).toMatchObject({ value: 'red', version });
  });

  it('is one of those that were voted on at the same time; the others learn which', async () => {
    const opinions = Array.from({ length: 8 }, (_, at) => `option-${at}`);
    const outcomes = await Promise.allSettled(
      opinions.map((opinion) => fleet.coordinate(request('contested', opinion))),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.result] : []));
    const stands = await scene!.client.read('contested');
    // Votes that began after another had ended were no concurrent ones.
    const versions = won.map((result) => decisionOf(result).version);
    expect(new Set(versions).size).toBe(won.length);
    expect(Math.max(...versions)).toBe(stands.version);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(String(outcome.reason)).toMatch(/conflict: contested was changed/);
    }
  });

  it('is refused where something was decided for good', async () => {
    await scene!.client.propose({ type: 'decide', key: 'constitution', value: 'first' });
    expect(await fleet.refused(request('constitution', 'second'))).toMatchObject({
      status: '409',
      code: 'conflict',
      message: expect.stringContaining('"first"') as unknown,
    });
  });

  it('is no record where the caller wants the opinion alone', async () => {
    const goal = { type: 'consensus', proposal: { key: 'opinion' }, payload: 'red', commit: false };
    const { result } = await fleet.coordinate({ agents: { group: 'parliament' }, goal });
    expect(result).toMatchObject({ decided: true, value: 'red' });
    expect(result).not.toHaveProperty('decision');
    expect(await scene!.client.read('opinion')).toMatchObject({ value: null, version: 0 });
  });
});
