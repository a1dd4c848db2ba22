import { describe, expect, it } from '@jest/globals';
import { type MembershipReport } from '../../trials/chaos/membership/report/report.js';
import { startProcess } from './support/service-process.js';

// The demonstration itself, in small. Its bounds of time are for a machine of its own, and are not asked for here.

const entry = 'dist/trials/chaos/membership/main.js';

describe('nexus chaos membership', () => {
  it('kills services and agents, and finds nobody mistaken for good and nothing out of order', async () => {
    const size = ['--services', '4', '--agents', '3', '--kill', '0.3'];
    const pace = ['--duration', '6s', '--round', '200', '--seed', '3'];
    const { code, stdout, stderr } = await startProcess({
      args: [entry, ...size, ...pace, '--json'],
      env: {},
    }).ended;
    expect({ code, told: [0, 1].includes(Number(code)) ? '' : stderr }).toEqual({ code, told: '' });
    const { killed, failure, membership, deliveries, end, gossip } = JSON.parse(stdout) as MembershipReport;
    expect(failure).toBeNull();
    expect(killed).toBeGreaterThan(0);
    expect(membership.deaths + membership.returns).toBeGreaterThan(0);
    expect(membership.resurrections).toEqual([]);
    expect(end).toEqual({ agreedAfterMs: expect.any(Number), convergedAfterMs: expect.any(Number) });
    expect(deliveries).toMatchObject({ disordered: [], lost: [] });
    expect(deliveries.delivered).toBeGreaterThan(0);
    expect(gossip.services.bytesPerRound).toBeGreaterThan(0);
  }, 240_000);
});
