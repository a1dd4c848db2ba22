import { describe, expect, it } from '@jest/globals';
import { memberViewSchema, type MemberStatus } from '@nexus/contracts';
import { type MeshListener } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { ServiceHealth } from './service-health.js';

/** What one member sees of the others, as the test says. */
class Seen {
  private readonly status = new Map<string, { service: string; status: MemberStatus }>();
  private listener: MeshListener = () => undefined;
  looks = 0;

  members() {
    this.looks += 1;
    return this.all();
  }

  private all() {
    return [...this.status].map(([memberId, { service, status }]) =>
      memberViewSchema.parse({
        ...{ memberId, service, status, kind: 'service' },
        ...{ phi: 0, generation: 1, heartbeat: 1, silentMs: 0, version: 0 },
      }),
    );
  }

  on(listener: MeshListener) {
    this.listener = listener;
    return () => undefined;
  }

  see(memberId: string, service: string, status: MemberStatus) {
    this.status.set(memberId, { service, status });
    const member = this.all().find((each) => each.memberId === memberId)!;
    this.listener({ kind: 'joined', memberId: member.memberId, memberKind: 'service', generation: 1 });
  }

  forget(memberId: string) {
    this.status.delete(memberId);
  }
}

describe('the health of services', () => {
  it('says nothing of a service that was never heard of', () => {
    const seen = new Seen();
    const health = new ServiceHealth(seen);
    seen.see('gossip-1', 'gossip', 'alive');
    expect(health.missingSince('consensus')).toBeUndefined();
  });

  it('misses a service once its last member is dead or has left, and not before', () => {
    const seen = new Seen();
    const health = new ServiceHealth(seen);
    seen.see('consensus-1', 'consensus', 'alive');
    seen.see('consensus-2', 'consensus', 'dead');
    seen.see('consensus-1', 'consensus', 'suspected');
    expect(health.missingSince('consensus')).toBeUndefined();
    seen.see('consensus-1', 'consensus', 'left');
    const since = health.missingSince('consensus');
    expect(since).toEqual(expect.any(Number));
    seen.forget('consensus-1');
    seen.forget('consensus-2');
    seen.see('routing-1', 'routing', 'alive');
    expect(health.missingSince('consensus')).toBe(since);
  });

  it('looks once at all that changes in one turn, and not before it is over', async () => {
    const seen = new Seen();
    const health = new ServiceHealth(seen);
    for (let at = 0; at < 100; at += 1) seen.see(`consensus-${at}`, 'consensus', 'dead');
    expect(seen.looks).toBe(0);
    await eventually('it has looked by itself', () => seen.looks === 1);
    expect(health.missingSince('consensus')).toEqual(expect.any(Number));
    expect(seen.looks).toBe(1);
  });

  it('has it again when a member is back', () => {
    const seen = new Seen();
    const health = new ServiceHealth(seen);
    seen.see('consensus-1', 'consensus', 'dead');
    seen.see('consensus-1', 'consensus', 'alive');
    expect(health.missingSince('consensus')).toBeUndefined();
  });
});
