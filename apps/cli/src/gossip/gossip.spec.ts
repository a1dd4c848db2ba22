import { describe, expect, it } from '@jest/globals';
import {
  events,
  type EventName,
  gossipMembersReplySchema,
  gossipPutReplySchema,
  gossipStateReplySchema,
} from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { type NexusEvent } from '@nexus/sdk';
import { type MembersSeen, type StateSeen } from './ask-gossip.js';
import { meshFaults, meshFigures } from './mesh-health.js';
import { renderPut } from './put.command.js';
import { isGossipEvent, renderGossipEvent } from './render-event.js';
import { renderMembers } from './render-members.js';
import { convergenceText, renderState } from './render-state.js';

const paint = coloursFor({ isTTY: false });
const startedMs = Date.UTC(2026, 0, 1);

const member = (memberId: string, more: object = {}) => ({
  ...{ memberId, kind: 'service', service: 'routing', status: 'alive', phi: 0.04 },
  ...{ generation: startedMs, heartbeat: 61, silentMs: 420, version: 3, rttMs: 0.71 },
  vitals: { cpu: 0.123, memory: 0.4, loopLagMs: 2.5 },
  ...more,
});

const seenOf = (...members: object[]): MembersSeen => ({
  ...gossipMembersReplySchema.parse({ self: 'gossip-1', members, cursor: null }),
  more: false,
});

const stateOf = (more: object = {}): StateSeen => ({
  ...gossipStateReplySchema.parse({
    ...{ self: 'gossip-1', converged: true, versions: { 'gossip-1': 1, 'routing-1': 3 }, waitingFor: [] },
    ...{ keys: [], cursor: null },
    ...more,
  }),
  more: false,
});

const value = (by: string, what: unknown, count: number) => ({ value: what, by, clock: { [by]: count } });
const conflict = {
  key: 'config.rate',
  values: [value('gossip-1', 50, 3), value('gossip-2', { rate: 60 }, 1)],
  clock: { 'gossip-1': 3, 'gossip-2': 1 },
  conflict: true,
};

describe('renderMembers', () => {
  it('shows a line a member', () => {
    const seen = seenOf(
      member('gossip-1', { service: 'gossip', phi: 0, silentMs: 0 }),
      member('routing-1'),
      member('worker-1', { kind: 'agent', service: undefined, status: 'dead', phi: 1e6, vitals: undefined }),
    );
    expect(renderMembers(seen, startedMs + 61_000, paint).split('\n')).toEqual([
      expect.stringMatching(
        /^MEMBER +KIND +STATUS +PHI +SILENT +AGE +VERSION +CPU +MEMORY +LAG +ROUND TRIP$/,
      ),
      expect.stringMatching(/^gossip-1 +gossip +alive +0\.0 .* 12\.3 % +40\.0 % +2\.5 ms +answers$/),
      expect.stringMatching(/^routing-1 +routing +alive +0\.0 +420\.0 ms +1 min 1 s +3 .* 0\.7 ms$/),
      expect.stringMatching(/^worker-1 +agent +dead +>100 .* - +- +- /),
    ]);
  });

  it('shows no control character of what a member calls itself', () => {
    const seen = seenOf(member('a', { service: 'evil\u001b[2J' }));
    expect(renderMembers(seen, startedMs, paint)).not.toContain('\u001b');
  });
});

describe('renderState', () => {
  it('shows whether all know the same, and siblings below each other', () => {
    const lines = renderState(stateOf({ keys: [conflict] }), paint).split('\n');
    expect(lines).toEqual([
      'seen by    gossip-1',
      'converged  yes, 2 members',
      '',
      expect.stringMatching(/^KEY +VALUE +BY +CLOCK$/),
      expect.stringMatching(/^config\.rate \(conflict\) +50 +gossip-1 +gossip-1:3$/),
      expect.stringMatching(/^ +\{"rate":60\} +gossip-2 +gossip-2:1$/),
    ]);
  });

  it('says for whom it waits, the first few of them', () => {
    const waitingFor = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(convergenceText(stateOf({ converged: false, waitingFor }))).toBe(
      'no, waiting for a, b, c, d, e and 2 more',
    );
    expect(renderState(stateOf(), paint)).toContain('no key is shared');
  });
});

describe('renderPut', () => {
  it('shows what stands, and that nothing does', () => {
    const reply = gossipPutReplySchema.parse({ ...conflict, member: 'gossip-1' });
    expect(renderPut(reply, paint)).toContain('config.rate (conflict)');
    expect(renderPut({ ...reply, values: [], conflict: false }, paint)).toBe(
      'config.rate is removed; gossip-1 tells the others',
    );
  });
});

describe('renderGossipEvent', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const of = (kind: EventName, body: object) =>
    ({ kind, body: events[kind].parse({ ...body, at }) }) as NexusEvent;
  const told = (event: NexusEvent) => {
    if (!isGossipEvent(event)) throw new Error(`${event.kind} is not of the gossip`);
    return renderGossipEvent(event, paint);
  };
  const who = { memberId: 'routing-1', kind: 'service', service: 'routing', by: 'gossip-1' };

  it('tells who comes and goes, and of keys', () => {
    expect(told(of('member.joined', who))).toBe(`${at}  routing-1 (routing) joined`);
    expect(told(of('member.suspected', who))).toContain('is suspected by gossip-1');
    expect(told(of('member.left', { ...who, reason: 'dead' }))).toContain('is dead, says gossip-1');
    expect(told(of('member.left', { ...who, reason: 'left' }))).toContain('routing-1 (routing) left');
    expect(told(of('gossip.conflict', conflict))).toContain(
      'config.rate is in conflict: 50 by gossip-1, {"rate":60} by gossip-2',
    );
    expect(told(of('gossip.resolved', { ...conflict, values: [], conflict: false }))).toContain('removed');
  });

  it('passes over everything else', () =>
    expect(isGossipEvent({ kind: 'agent.joined', body: { agentId: 'a', at } } as NexusEvent)).toBe(false));
});

describe('meshFigures', () => {
  it('counts those who live, and names those in doubt', () => {
    const seen = seenOf(
      member('gossip-1'),
      member('routing-1', { status: 'suspected' }),
      member('worker-1', { kind: 'agent' }),
      member('worker-2', { kind: 'agent', status: 'dead' }),
      member('worker-3', { kind: 'agent', status: 'left' }),
    );
    const figures = meshFigures(seen, stateOf({ converged: false, waitingFor: ['routing-1'] }));
    expect(figures).toMatchObject({ members: 3, services: 2, agents: 1, converged: false });
    expect(meshFaults(figures)).toEqual(['suspected: routing-1', 'dead: worker-2']);
  });
});
