import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type ScriptedFleet } from '../support/scripted-fleet.js';
import { type DecisionScene, startDecisionScene } from './decision-scene.js';

let scene: DecisionScene | undefined;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startDecisionScene({ coordinators: 3 });
  ({ fleet } = scene);
  await fleet.join('a', ({ answer }) => answer('here'));
});

beforeEach(async () => {
  await configure({});
  await eventually('the defaults are in force', async () => (await codes()).size === 0);
});

afterAll(() => scene?.stop());

const configure = (value: unknown) =>
  scene!.client.propose({ type: 'put', key: 'config.coordination', value });

const goal = { type: 'gather', timeoutMs: 4_000 };

/** What so many requests are refused with that every coordinator has served some. */
async function codes(request = { agents: { ids: ['a'] }, goal }): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      const reply = await fleet.send('nexus.coordinate', JSON.stringify(request));
      const { error } = reply.json<{ error?: { code: string; message: string } }>();
      if (error) found.set(error.code, (found.get(error.code) ?? 0) + 1);
    }),
  );
  return found;
}

const paused = () => eventually('all are paused', async () => (await codes()).get('unavailable') === 30);

describe('the settings in the decision log', () => {
  it('pause the intake of every coordinator, and open it again', async () => {
    await configure({ intake: 'paused' });
    await paused();
    const fault = await fleet.refused({ agents: { ids: ['a'] }, goal });
    expect(fault).toMatchObject({
      status: '503',
      message: expect.stringContaining('config.coordination') as unknown,
    });
    await configure({ intake: 'open' });
    await eventually('all are open', async () => (await codes()).size === 0);
  });

  it('stay as they are when what is written is no settings', async () => {
    await configure({ intake: 'paused' });
    await paused();
    await configure({ intake: 'ajar' });
    await configure({ intake: 'open', unknown: true });
    expect((await codes()).get('unavailable')).toBe(30);
  });

  it('are the defaults again once the key is deleted', async () => {
    await configure({ intake: 'paused' });
    await paused();
    await scene!.client.propose({ type: 'delete', key: 'config.coordination' });
    await eventually('all are open', async () => (await codes()).size === 0);
  });

  it('bound the time-out of a goal', async () => {
    await configure({ timeoutMsMax: 3_999 });
    await eventually('all refuse', async () => (await codes()).get('invalid_argument') === 30);
    expect((await codes({ agents: { ids: ['a'] }, goal: { ...goal, timeoutMs: 3_999 } })).size).toBe(0);
  });

  it('bound the layer', async () => {
    await configure({ maxLayer: 'emergency' });
    // The foundation is the lowest layer that runs: below it nothing does.
    await eventually('all refuse', async () => (await codes()).get('unavailable') === 30);
  });
});
