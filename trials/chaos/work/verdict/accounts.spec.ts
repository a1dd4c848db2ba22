import { describe, expect, it } from '@jest/globals';
import { type AgentId, type RequestId, type WorkResult } from '@nexus/contracts';
import { type Asked } from '../load/asked.js';
import { type Run } from '../members/record.js';
import { accountsOf } from './accounts.js';

const done = (unit: string, fields: Partial<WorkResult> = {}): WorkResult => ({
  ...{ requestId: unit as RequestId, agentId: 'a' as AgentId, ok: true, data: { unit }, attempts: 1 },
  ...fields,
});
const failed = (unit: string, attempts: number): WorkResult => ({
  ...{ requestId: unit as RequestId, agentId: 'a' as AgentId, ok: false, attempts },
  error: { code: 'unavailable', message: 'lost' },
});
const asked = (units: readonly string[], results: readonly WorkResult[]): Asked => ({
  request: { algorithm: 'round_robin', units: units.map((unit) => ({ unit, takesMs: 1 })) },
  outcome: { kind: 'answered', results, layer: 'performance', numbers: 'shared' },
  tookMs: 1,
});
const ran = (unit: string, agentId = 'a', attempt = 1): Run => ({ unit, agentId, attempt });

describe('accountsOf', () => {
  it('finds nothing wrong where each unit has its result, also one that was lost and tried again', () => {
    const first = asked(['u0', 'u1'], [done('u0'), done('u1', { attempts: 2 })]);
    const second: Asked = { ...asked(['u2'], [failed('u2', 3)]) };
    const refused: Asked = { ...asked(['u3'], []), outcome: { kind: 'refused', code: 'overloaded' } };
    const runs = [ran('u0'), ran('u1'), ran('u1', 'b', 2), ran('u2', 'c', 2)];
    expect(accountsOf([first, second, refused], runs)).toEqual({
      ...{ units: 4, requests: 3, done: 2, failed: { unavailable: 1, overloaded: 1 } },
      ...{ refused: { overloaded: 1 }, runs: 4, ranAgain: 1, triedAgain: 2 },
      ...{ layers: { performance: 2 }, numbers: { shared: 2 }, misaccounted: [], misrun: [] },
    });
  });

  it.each<[string, readonly WorkResult[], string]>([
    ['is missing', [done('u0')], 'u1 has 0 results'],
    ['is there twice', [done('u0'), done('u1'), done('u1')], 'u1 has 2 results'],
    ['is of nobody', [done('u0'), done('u1'), done('x')], 'a result of x, which was not asked for'],
    ['is in the place of another', [done('u1'), done('u0')], 'the result of u1 is out of its place'],
    [
      'has the data of another',
      [done('u0'), done('u1', { data: { unit: 'u0' } })],
      'the result of u1 is that of u0',
    ],
    ['has no error', [done('u0'), done('u1', { ok: false })], 'u1 failed without an error'],
  ])('finds a result that %s', (_what, results, found) => {
    const runs = [ran('u0'), ran('u1'), ran('x')];
    expect(accountsOf([asked(['u0', 'u1'], results)], runs).misaccounted).toContain(found);
  });

  it.each<[string, readonly WorkResult[], readonly Run[], string]>([
    ['is done and never ran', [done('u0')], [], 'u0 is done, and nobody ran it'],
    [
      'ran more often than was tried',
      [done('u0')],
      [ran('u0'), ran('u0', 'b', 2)],
      'u0 ran 2 times in 1 attempts',
    ],
    [
      'ran twice in one attempt',
      [done('u0', { attempts: 2 })],
      [ran('u0'), ran('u0', 'b')],
      'u0 ran twice in attempt 1: at a and b',
    ],
    ['was not asked for', [done('u0')], [ran('u0'), ran('y')], 'y ran and was not asked for'],
  ])('finds a unit that %s', (_what, results, runs, found) => {
    expect(accountsOf([asked(['u0'], results)], runs).misrun).toEqual([found]);
  });

  it('finds a unit that ran though its request was refused', () => {
    const refused: Asked = { ...asked(['u0'], []), outcome: { kind: 'refused', code: 'unavailable' } };
    expect(accountsOf([refused], [ran('u0')]).misrun).toEqual(['u0 ran 1 times in 0 attempts']);
  });
});
