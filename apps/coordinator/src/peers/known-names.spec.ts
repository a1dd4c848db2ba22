import { describe, expect, it } from '@jest/globals';
import { memberViewSchema, routeSchema } from '@nexus/contracts';
import { type MeshListener } from '@nexus/mesh';
import { idOfName, KnownNames } from './known-names.js';

const long = 'n'.repeat(60);
const member = (memberId: string) =>
  memberViewSchema.parse({
    ...{ memberId, kind: 'service', service: 'coordinator', status: 'alive' },
    ...{ phi: 0, generation: 1, heartbeat: 1, silentMs: 0, version: 0 },
  });

describe('known names', () => {
  const ids = ['coordinator-1', long];
  let tell: MeshListener = () => undefined;
  const mesh = {
    members: () => ids.map(member),
    on: (listener: MeshListener) => {
      tell = listener;
      return () => undefined;
    },
  };
  const route = routeSchema.parse({
    ...{ agentId: 'agent-1', groups: [], capabilities: [], weight: 1, liveness: 'alive' },
    ...{ registeredAt: new Date(0).toISOString(), tokenHash: '', version: 1 },
  });
  const names = new KnownNames(mesh, { find: (id) => (id === 'agent-1' ? route : undefined) });

  it.each([
    ['an agent', 'agent-1'],
    ['a life of an agent', 'agent-1.abcdefgh'],
    ['a coordinator', 'coordinator-1'],
    ['a sender of its broadcasts', 'coordinator-1.abcdefgh'],
    ['its incarnation', 'coordinator-1-ABCDEFGHIJ'],
    ['the incarnation of one with a long name', `${long.slice(0, 50)}-ABCDEFGHIJ`],
  ])('are those of %s', (_what, name) => {
    expect(names.isKnown(name)).toBe(true);
  });

  it.each([
    'agent-2',
    'agent-2.abcdefgh',
    'agent-1.x.abcdefgh',
    'coordinator-2-ABCDEFGHIJ',
    '__proto__',
    'constructor',
    '',
  ])('are not %j', (name) => {
    expect(names.isKnown(name)).toBe(false);
  });

  it('are believed of a few who are not introduced yet', () => {
    const invented = Array.from({ length: 1_000 }, (_, n) => `invented-${n}.abcdefgh`);
    expect(invented.filter(names.isCredible).length).toBe(16);
    expect(names.isCredible('agent-1')).toBe(true);
    expect(names.isCredible('')).toBe(false);
    expect(names.isKnown(invented[0]!)).toBe(false);
  });

  it('follow who joins', () => {
    ids.push('coordinator-2');
    tell({
      kind: 'joined',
      memberId: member('coordinator-2').memberId,
      memberKind: 'service',
      generation: 1,
    });
    expect(names.isKnown('coordinator-2-ABCDEFGHIJ')).toBe(true);
    expect(idOfName('coordinator-2.abcdefgh')).toBe('coordinator-2');
  });
});
