import { describe, expect, it } from '@jest/globals';
import { type WorkReport } from '../../trials/chaos/work/report/report.js';
import { startProcess } from './support/service-process.js';

// The demonstration itself, in small.

const command = ['dist/apps/cli/src/main.js', 'chaos', 'work'];

describe('nexus chaos work', () => {
  it('kills agents in flight, and Redis, and finds every unit accounted for once and nothing left in flight', async () => {
    const size = ['--units', '1000', '--agents', '6', '--numbers', '20000', '--seed', '1'];
    const args = [...command, ...size, '--redis', '--json'];
    const { code, stdout, stderr } = await startProcess({ args, env: {} }).ended;
    expect({ code, told: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, told: '' });
    const { accounts, flight, kills, outage, numbers, objections } = JSON.parse(stdout) as WorkReport;
    expect(objections).toEqual([]);
    expect(kills).toHaveLength(2);
    expect(accounts).toMatchObject({ units: 1_000, misaccounted: [], misrun: [] });
    expect(accounts.triedAgain).toBeGreaterThan(0);
    const { failed, done } = accounts;
    expect(Object.values(failed).reduce((sum, count) => sum + count, done)).toBe(1_000);
    const nothing = { inFlight: 0, inFlightMax: 0, elsewhere: 0, waiting: 0 };
    expect(flight.atEnd).toEqual([expect.objectContaining(nothing), expect.objectContaining(nothing)]);
    expect(outage).toMatchObject({ ownAfterMs: expect.any(Number), sharedAfterMs: expect.any(Number) });
    expect(numbers).toMatchObject({ taken: 20_000, twice: 0, unshared: 0 });
  }, 240_000);
});
