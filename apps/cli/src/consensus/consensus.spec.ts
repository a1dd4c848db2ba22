import { describe, expect, it } from '@jest/globals';
import { type ConsensusStatus, consensusStatusReplySchema, readReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { judgeLog } from './log-health.js';
import { membersOf } from './members.command.js';
import { renderProposal } from './propose.js';
import { readFence } from './read-fence.js';
import { subjectOfReading } from './read.command.js';
import { renderLogEvent } from './render-change.js';
import { renderReading } from './render-reading.js';
import { renderLogStatus } from './render-status.js';

const paint = coloursFor({ isTTY: false });

const replica = (replicaId: string, more: object = {}) => ({
  ...{ replicaId, storeId: 's1', role: 'follower', term: 3, leader: 'consensus-1' },
  ...{ commitIndex: 42, appliedIndex: 42, firstIndex: 1, lastIndex: 42, snapshotIndex: 0, logBytes: 2_048 },
  members: { voters: ['consensus-1', 'consensus-2', 'consensus-3'], learners: [] },
  ...{ newcomers: [], termsSeen: 1, upMs: 61_000 },
  ...more,
});

const statusOf = (more: object = {}): ConsensusStatus =>
  consensusStatusReplySchema.parse({
    ...{ leader: 'consensus-1', term: 3, silent: [] },
    replicas: [
      replica('consensus-1', { role: 'leader' }),
      replica('consensus-2'),
      replica('consensus-3', { firstIndex: 43 }),
    ],
    ...more,
  });

describe('renderLogStatus', () => {
  const render = (status: ConsensusStatus) => renderLogStatus(status, judgeLog(status), paint).split('\n');

  it('shows a line a replica', () => {
    expect(render(statusOf())).toEqual([
      'Leader  consensus-1, term 3',
      '',
      'REPLICA      ROLE      MEMBER  TERM  COMMIT  APPLIED    LOG  SNAPSHOT    SIZE     UPTIME',
      expect.stringMatching(/^consensus-1 {2}leader {4}voter +3 +42 +42 +1\.\.42 +0 +\S+ \S+ {2}1 min 1 s$/),
      expect.stringMatching(/^consensus-2 {2}follower {2}voter/),
      expect.stringMatching(/^consensus-3 .* empty /),
    ]);
  });

  it('shows who is silent and that nobody leads, and says what it needs', () => {
    const lines = render(
      statusOf({
        leader: null,
        replicas: [replica('consensus-1', { leader: null })],
        silent: ['consensus-2', 'consensus-3'],
      }),
    );
    expect(lines[0]).toBe('Leader  nobody, term 3');
    expect(lines.at(4)).toMatch(/^consensus-2 {2}silent +- /);
    expect(lines.at(-1)).toBe(
      '✘ the decision log has no leader, and consensus-2, consensus-3 do not answer: it needs a majority of its voters',
    );
  });
});

describe('judgeLog', () => {
  it('finds nothing in a whole group', () =>
    expect(judgeLog(statusOf())).toEqual({ faults: [], warnings: [] }));

  it('tells a group that was never formed from one that lost its leader', () => {
    const forming = statusOf({ leader: null, replicas: [replica('consensus-1', { role: 'forming' })] });
    expect(judgeLog(forming).faults[0]).toContain('never formed');
  });

  it('warns of silence, of an even number and of newcomers', () => {
    const members = { voters: ['consensus-1', 'consensus-2'], learners: [] };
    const { faults, warnings } = judgeLog(
      statusOf({
        replicas: [replica('consensus-1', { role: 'leader', members, newcomers: ['consensus-4'] })],
        silent: ['consensus-2'],
      }),
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('consensus-2 does not answer'),
      expect.stringContaining('2 voters'),
      expect.stringContaining('nexus consensus members add consensus-4'),
    ]);
  });
});

describe('membersOf', () => {
  it('says how each stands by the word of the leader', () => {
    const members = { voters: ['consensus-1', 'consensus-2'], learners: ['consensus-3'] };
    const status = statusOf({
      replicas: [
        replica('consensus-5', { role: 'joining', members: { voters: [], learners: [] } }),
        replica('consensus-1', { role: 'leader', members, newcomers: ['consensus-5'] }),
        replica('consensus-3', { members }),
      ],
      silent: ['consensus-2'],
    });
    expect(membersOf(status).map(({ replicaId, standing, role }) => [replicaId, standing, role])).toEqual([
      ['consensus-1', 'voter', 'leader'],
      ['consensus-2', 'voter', null],
      ['consensus-3', 'learner', 'follower'],
      ['consensus-5', 'newcomer', 'joining'],
    ]);
  });
});

describe('renderReading', () => {
  const render = (reading: object) => renderReading(readReplySchema.parse(reading), paint);

  it('shows keys, leases and elections', () => {
    expect(render({ key: 'a.b', value: { x: 1 }, version: 7, index: 9 })).toBe(
      'key        a.b\nvalue      {"x":1}\nversion    7\nas of      index 9',
    );
    expect(render({ key: 'a', value: null, version: 0, index: 9 })).toContain('value      there is none');
    expect(
      render({ resource: 'printer', owner: 'me', fencingToken: 5, expiresInMs: 1_500, index: 9 }),
    ).toMatch(/^resource {3}printer\nowner {6}me\ntoken {6}5\nends in {4}1\.5 s\n/);
    expect(
      render({
        ...{ election: 'e', leader: null, fencingToken: null, expiresInMs: null, waiting: [], index: 9 },
      }),
    ).toBe('election   e\nleader     nobody\nas of      index 9');
  });
});

describe('renderProposal', () => {
  it('shows where it stands, and what it gave', () => {
    expect(renderProposal({ index: 5, term: 2, version: 5 }, paint)).toBe(
      'committed  index 5, term 2\nversion    5',
    );
    const office = { index: 5, term: 2, version: 4, value: 'ann', fencingToken: 4 };
    expect(renderProposal(office, paint)).toContain('\nvalue      "ann"\ntoken      4');
  });
});

describe('renderLogEvent', () => {
  it('shows a line a change', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const changes = [
      { kind: 'key', index: 7, key: 'a', value: 1, version: 7 },
      { kind: 'lease', index: 8, resource: 'printer', owner: null, fencingToken: null },
      { kind: 'election', index: 9, election: 'e', leader: 'ann', fencingToken: 9 },
    ];
    const event = { kind: 'consensus.changed', body: { previousIndex: 6, changes, at } };
    expect(renderLogEvent(event as never, paint).split('\n')).toEqual([
      '       7  a = 1, version 7',
      '       8  lease printer is free',
      "       9  office e is ann's, token 9",
    ]);
    const led = { kind: 'leader.changed', body: { leader: null, term: 4, at } };
    expect(renderLogEvent(led as never, paint)).toBe('nobody leads, term 4');
  });
});

describe('what a person types', () => {
  it('is a fence', () => {
    expect(readFence('printer=42')).toEqual({ resource: 'printer', token: 42 });
    for (const text of ['printer', 'printer=', '=42', 'printer=0', 'printer=x']) {
      expect(() => readFence(text)).toThrow('resource=token');
    }
  });

  it('names one thing to read', () => {
    expect(subjectOfReading('k', {})).toEqual({ key: 'k' });
    expect(subjectOfReading(undefined, { lease: 'r' })).toEqual({ resource: 'r' });
    expect(subjectOfReading(undefined, { election: 'e' })).toEqual({ election: 'e' });
    expect(() => subjectOfReading(undefined, {})).toThrow('name one thing');
    expect(() => subjectOfReading('k', { lease: 'r' })).toThrow('name one thing');
  });
});
