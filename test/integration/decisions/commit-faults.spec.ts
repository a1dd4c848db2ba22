import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { ServedLog } from './served-log.js';

let scene: ScriptedStack | undefined;
let fleet: ScriptedFleet;
let served: ServedLog;
/** What every voter votes; silence when undefined. */
let opinion: string | undefined;

const vote = ({ answer }: Delivery) => {
  if (opinion !== undefined) answer(opinion);
};

beforeAll(async () => {
  scene = await startScriptedStack({ coordinators: 2 });
  ({ fleet } = scene);
  for (const agentId of ['v1', 'v2', 'v3']) await fleet.join(agentId, vote, { groups: ['parliament'] });
});

afterAll(() => scene?.stop());

beforeEach(async () => {
  opinion = 'red';
  served = new ServedLog(scene!.nats);
  await served.serve();
});

afterEach(() => served.vanish());

const request = (more: Body = {}, goal: Body = {}): Body => ({
  agents: { group: 'parliament' },
  goal: { type: 'consensus', proposal: { key: 'colour' }, timeoutMs: 4_000, ...goal },
  ...more,
});

const asked = () => fleet.deliveries.length;
const puts = () => served.log.commands.filter(({ type }) => type === 'put' || type === 'decide').length;

describe('R26: a decision that cannot be recorded', () => {
  it('is not voted for when nobody serves the log', async () => {
    await served.vanish();
    const before = asked();
    expect(await fleet.refused(request())).toMatchObject({ status: '503', code: 'unavailable' });
    expect(asked()).toBe(before);
  });

  it.each([
    ['unavailable', '503'],
    ['not_leader', '421'],
  ] as const)('is not voted for when the log answers %s', async (code, status) => {
    served.log.down = new NexusError(code, 'no quorum');
    const before = asked();
    expect(await fleet.refused(request({}, { timeoutMs: 1_000 }))).toMatchObject({ status, code });
    expect(asked()).toBe(before);
  });

  it('is `unknown` when the log takes it and does not answer, and its repeat learns what came of it', async () => {
    served.mute = true;
    const repeated = request({ requestId: 'lost-answer' }, { timeoutMs: 2_000 });
    expect(await fleet.refused(repeated)).toMatchObject({ status: '502', code: 'unknown' });
    expect(await served.log.read('colour')).toMatchObject({ value: 'red' });
    served.mute = false;
    const { version } = await served.log.read('colour');
    // Whatever the fleet thinks by now, the request has decided once.
    for (opinion of ['blue', 'green']) {
      const { result } = await fleet.coordinate(repeated);
      expect(result).toMatchObject({ decided: true, value: 'red', decision: { version } });
    }
    expect(await served.log.read('colour')).toMatchObject({ value: 'red', version });
  });

  it('is told to a repeat that decides nothing itself', async () => {
    served.mute = true;
    const repeated = request({ requestId: 'lost-answer-2' }, { timeoutMs: 1_000 });
    expect(await fleet.refused(repeated)).toMatchObject({ code: 'unknown' });
    served.mute = false;
    opinion = undefined;
    const { status, result } = await fleet.coordinate(repeated);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ decided: true, value: 'red', tally: {}, missing: ['v1', 'v2', 'v3'] });
  });

  it('leaves time to record what others than the silent have decided', async () => {
    const silent = await fleet.join('mute', () => undefined, { groups: ['senate'] });
    expect(silent).toBeDefined();
    for (const agentId of ['s1', 's2']) await fleet.join(agentId, vote, { groups: ['senate'] });
    const { status, result } = await fleet.coordinate(
      request({ agents: { group: 'senate' } }, { timeoutMs: 1_200 }),
    );
    expect(status).toBe('partial');
    expect(result).toMatchObject({ decided: true, value: 'red', missing: ['mute'] });
    expect(result['decision']).toBeDefined();
    // Who votes is told of the time that is left to vote, not of all.
    expect(fleet.to('mute').at(-1)?.body['budgetMs']).toBeLessThanOrEqual(900);
  });

  it('is not proposed when nothing was decided', async () => {
    opinion = undefined;
    const before = puts();
    const { result } = await fleet.coordinate(request({ requestId: 'undecided' }, { timeoutMs: 400 }));
    expect(result).toMatchObject({ decided: false, value: null });
    expect(result).not.toHaveProperty('decision');
    expect(puts()).toBe(before);
  });
});
