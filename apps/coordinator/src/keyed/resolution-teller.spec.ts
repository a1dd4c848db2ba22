import { describe, expect, it } from '@jest/globals';
import { type KeyedPut } from './keyed-values.js';
import { resolutionSchema } from './resolution.js';
import { ResolutionTeller } from './resolution-teller.js';

const told = [{ channel: 'all', sender: 'coordinator-1.abcdefgh', sequence: 3 }];
const resolution = (unrivalled: boolean) =>
  resolutionSchema.parse({
    ...{ value: 'red', by: 'coordinator-1', clock: { 'coordinator-1': 7, 'agent-1': 9 } },
    ...{ told, unrivalled, resolvedBy: 'coordinator-2' },
  });

function scene() {
  const puts: KeyedPut[] = [];
  const goals: unknown[] = [];
  const teller = new ResolutionTeller({
    conductor: {
      conduct: (job) => {
        goals.push(job.request.goal);
        return Promise.resolve({} as never);
      },
    },
    values: { put: (put) => void puts.push(put) },
    timeoutMs: 100,
  });
  return { teller, puts, goals };
}

describe('the telling of a resolution', () => {
  it('goes where the siblings had been told, and shares the value with the last', async () => {
    const { teller, puts, goals } = scene();
    await teller.tell('mode', resolution(false));
    expect(goals).toEqual([expect.objectContaining({ type: 'broadcast', key: 'mode', payload: 'red' })]);
    expect(puts).toEqual([]);
  });

  it('is left out of a value that had no rival, which is shared as it had been told', async () => {
    const { teller, puts, goals } = scene();
    const decided = resolution(true);
    await teller.tell('mode', decided);
    expect(goals).toEqual([]);
    expect(puts).toEqual([{ key: 'mode', value: 'red', replaces: decided.clock, told: told[0] }]);
  });
});
