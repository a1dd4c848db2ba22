import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Body, type Delivery, type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let fleet: ScriptedFleet;

const voters = ['v1', 'v2', 'v3', 'v4', 'v5'];
const silence = { silent: true };

/** Votes as the goal's payload tells each voter, the proposal beside it. */
function vote({ agentId, body, answer }: Delivery): void {
  const { payload } = body['payload'] as { payload: { votes: Readonly<Record<string, unknown>> } };
  const mine = payload.votes[agentId];
  if (JSON.stringify(mine) !== JSON.stringify(silence)) answer(mine ?? null);
}

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ fleet } = scene);
  for (const agentId of voters) await fleet.join(agentId, vote, { groups: ['parliament'] });
});

afterAll(() => scene?.stop());

/** A goal in which the voters vote as listed, in their order. */
const goalOf = (votes: readonly unknown[], more: Body = {}): Body => ({
  type: 'consensus',
  proposal: { key: 'colour', options: ['red', 'blue', 'green'] },
  commit: false,
  timeoutMs: votes.some((one) => one === silence) ? 400 : 15_000,
  payload: { votes: Object.fromEntries(voters.map((agentId, index) => [agentId, votes[index]])) },
  ...more,
});

const ask = (votes: readonly unknown[], more: Body = {}, agents: Body = { group: 'parliament' }) =>
  fleet.coordinate({ agents, goal: goalOf(votes, more) });

describe('consensus: what decides', () => {
  it.each([
    ['majority', ['red', 'red', 'red', 'blue', 'green'], 3, 'red'],
    ['majority', ['red', 'red', 'blue', 'blue', 'green'], 3, null],
    ['two_thirds', ['red', 'red', 'red', 'red', 'blue'], 4, 'red'],
    ['two_thirds', ['red', 'red', 'red', 'blue', 'blue'], 4, null],
    ['unanimous', ['blue', 'blue', 'blue', 'blue', 'blue'], 5, 'blue'],
    ['unanimous', ['blue', 'blue', 'blue', 'blue', 'red'], 5, null],
    [2, ['green', 'green', 'blue', 'red', null], 2, 'green'],
    [1, ['green', null, null, null, null], 1, 'green'],
  ])('%s of %j needs %d votes: %j', async (quorum, votes, needed, value) => {
    const { status, result } = await ask(votes, { quorum });
    expect(status).toBe('complete');
    expect(result).toMatchObject({ decided: value !== null, value, quorum: needed, failed: [], missing: [] });
    expect(result['votes']).toEqual(voters.map((agentId, index) => ({ agentId, vote: votes[index] })));
    expect(result).not.toHaveProperty('decision');
  });

  it('decides nothing on a tie of two that both reach the quorum', async () => {
    const { result } = await ask(['red', 'red', 'blue', 'blue', null], { quorum: 2 });
    expect(result).toMatchObject({ decided: false, value: null, tally: { red: 2, blue: 2 } });
  });

  it('tallies the options, keeps dissent with its reasons, and takes abstention for an answer', async () => {
    const { status, result } = await ask([
      'red',
      { vote: 'red', reason: 'warm' },
      'red',
      { vote: 'blue', reason: 'calm' },
      { vote: null, reason: 'no opinion' },
    ]);
    expect(status).toBe('complete');
    expect(result).toMatchObject({
      decided: true,
      value: 'red',
      tally: { red: 3, blue: 1 },
      votes: [
        { agentId: 'v1', vote: 'red' },
        { agentId: 'v2', vote: 'red', reason: 'warm' },
        { agentId: 'v3', vote: 'red' },
        { agentId: 'v4', vote: 'blue', reason: 'calm' },
        { agentId: 'v5', vote: null, reason: 'no opinion' },
      ],
      failed: [],
      missing: [],
    });
  });

  it('does not let silence make a decision easier', async () => {
    const { status, result } = await ask(['red', 'red', silence, silence, silence]);
    expect(status).toBe('partial');
    expect(result).toMatchObject({
      decided: false,
      value: null,
      quorum: 3,
      tally: { red: 2 },
      missing: ['v3', 'v4', 'v5'],
    });
    const decided = (await ask(['red', 'red', 'red', silence, silence])).result;
    expect(decided).toMatchObject({ decided: true, value: 'red', missing: ['v4', 'v5'] });
  });

  it('counts voters who are not there among those who were to vote', async () => {
    const { status, result } = await ask(['red', 'red'], {}, { ids: ['v1', 'v2', 'nobody', 'noone'] });
    expect(status).toBe('partial');
    expect(result).toMatchObject({
      decided: false,
      quorum: 3,
      failed: [
        { agentId: 'nobody', code: 'not_found' },
        { agentId: 'noone', code: 'not_found' },
      ],
    });
  });

  it('puts a value without options to the vote as accept or reject', async () => {
    const proposal = { key: 'plan', value: { deploy: 'v2' } };
    const accepted = await ask(['accept', 'accept', 'accept', 'reject', null], { proposal });
    expect(accepted.result).toMatchObject({
      decided: true,
      value: { deploy: 'v2' },
      tally: { accept: 3, reject: 1 },
    });
    expect(fleet.deliveries.at(-1)?.body['payload']).toMatchObject({
      ...proposal,
      options: ['accept', 'reject'],
    });
    const rejected = await ask(['reject', 'reject', 'reject', 'accept', null], { proposal });
    expect(rejected.result).toMatchObject({ decided: false, value: null, tally: { accept: 1, reject: 3 } });
  });

  it('keeps the type of an option', async () => {
    const proposal = { key: 'count', options: [1, 2, true, '__proto__'] };
    const { result } = await ask([2, '2', 2, true, '__proto__'], { proposal });
    expect(result).toMatchObject({ decided: true, value: 2 });
    expect(Object.entries(result['tally'] as Body)).toEqual([
      ['2', 3],
      ['true', 1],
      ['__proto__', 1],
    ]);
  });
});

describe('consensus: what does not count', () => {
  it('a vote for what is no option fails that agent alone', async () => {
    const { status, result } = await ask(['red', 'red', 'red', 'purple', { vote: ['red'] }]);
    expect(status).toBe('partial');
    expect(result).toMatchObject({
      decided: true,
      value: 'red',
      tally: { red: 3 },
      failed: [
        { agentId: 'v4', code: 'invalid_argument', message: 'voted for what is not an option' },
        { agentId: 'v5', code: 'invalid_argument', message: 'a vote is an option, or null to abstain' },
      ],
      missing: [],
    });
  });
});

describe('consensus: what is refused before anybody is asked', () => {
  const asked = () => fleet.deliveries.length;

  it('a quorum that could never be reached', async () => {
    const before = asked();
    const fault = await fleet.refused({
      agents: { group: 'parliament' },
      goal: goalOf([], { quorum: 6 }),
    });
    expect(fault).toMatchObject({
      status: '400',
      code: 'invalid_argument',
      details: [{ path: 'goal.quorum' }],
    });
    expect(asked()).toBe(before);
  });

  it('a decision that no log is there to record', async () => {
    const before = asked();
    for (const commit of [true, undefined]) {
      const fault = await fleet.refused({ agents: { group: 'parliament' }, goal: goalOf([], { commit }) });
      expect(fault).toMatchObject({ status: '503', code: 'unavailable' });
    }
    expect(asked()).toBe(before);
  });
});
