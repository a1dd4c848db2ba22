import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { coloursFor } from '@nexus/platform/terminal';
import { type ServiceFigures } from '../status/service-survey.js';
import { diagnose, fail, ok, warn } from './finding.js';
import { isAtLeast } from './inspect-installation.js';
import { inspectHandles, inspectMemory } from './inspect-machine.js';
import { inspectLogFolders } from './inspect-log-folders.js';
import { inspectServices, judgeDecisions, judgeMesh, judgeModels } from './inspect-nats.js';
import { judge } from './inspect-redis.js';
import { listeningInodes } from './port-holder.js';
import { renderDiagnosis, renderVerdict } from './render-diagnosis.js';

describe('isAtLeast', () => {
  it.each([
    ['20.19.0', true],
    ['20.20.2', true],
    ['22.0.0-rc.1', true],
    ['20.18.9', false],
    ['18.30.0', false],
  ])('%s: %s', (version, expected) => expect(isAtLeast(version, '20.19.0')).toBe(expected));
});

describe('listeningInodes', () => {
  it('finds listeners of the port alone', () => {
    const line = (local: string, state: string, inode: number) =>
      `   0: 0100007F:${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`;
    const table = [
      '  sl  local_address',
      line('107E', '0A', 11),
      line('107E', '01', 12),
      line('107F', '0A', 13),
    ];
    expect(listeningInodes(table.join('\n'), 4222)).toEqual(['11']);
  });
});

describe('inspectServices', () => {
  const service = (name: string) => ({ name }) as ServiceFigures;

  it('names what answers, and what does not', () => {
    const names = ['nexus-consensus', 'nexus-coordinator', 'nexus-coordinator', 'nexus-routing'];
    expect(inspectServices(names.map(service), fail)).toEqual(
      ok('nexus-consensus, nexus-coordinator ×2, nexus-routing'),
    );
    expect(inspectServices([service('nexus-routing'), service('nexus-consensus')], fail)).toEqual(
      fail('no coordinator answers', 'start one, or the whole stack with nexus up'),
    );
    expect(inspectServices([], warn)).toEqual(warn('none answers', 'nexus up'));
  });
});

describe('judgeDecisions', () => {
  const status = (voters: string[], more: object = {}) =>
    ({
      ...{ leader: 'consensus-1', term: 2, silent: [] },
      replicas: [{ replicaId: 'consensus-1', members: { voters, learners: [] }, newcomers: [] }],
      ...more,
    }) as never;

  it('says what losses it bears', () => {
    expect(judgeDecisions(status(['consensus-1', 'consensus-2', 'consensus-3']), fail)).toEqual(
      ok('consensus-1 leads term 2, 3 voters, bears the loss of 1'),
    );
    expect(judgeDecisions(status(['consensus-1']), fail)).toMatchObject({
      verdict: 'ok',
      message: expect.stringContaining('--replicas 3'),
    });
    expect(judgeDecisions(status(['consensus-1', 'consensus-2']), fail).verdict).toBe('warn');
    expect(judgeDecisions(status(['consensus-1'], { leader: null }), fail).verdict).toBe('fail');
  });
});

describe('judgeMesh', () => {
  const whole = {
    ...{ members: 5, services: 4, agents: 1, suspected: [], dead: [], converged: true },
    convergence: 'yes, 5 members',
  };

  it('finds a whole mesh, and warns of what is missing', () => {
    expect(judgeMesh(whole)).toEqual(ok('5 members: 4 services, 1 agents, all know the same'));
    expect(judgeMesh(undefined)).toMatchObject({ verdict: 'warn', message: 'no gossip service answers' });
    expect(judgeMesh({ ...whole, dead: ['routing-1'] })).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('dead: routing-1'),
    });
    const apart = { ...whole, converged: false, convergence: 'no, waiting for a' };
    expect(judgeMesh(apart)).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('waiting for a'),
    });
  });
});

describe('judgeModels', () => {
  const startedMs = Date.UTC(2026, 0, 1);
  const lastTrainedAt = new Date(startedMs).toISOString();
  const learning = { inUse: 1, lastTrainedAt, overdue: false, outcomes: 250, faults: [] };
  const judge = (models: Parameters<typeof judgeModels>[0]) => judgeModels(models, startedMs + 61_000);

  it('finds what was learned, and warns when nobody learns or the schedule stands still', () => {
    expect(judge(learning)).toEqual(ok('1 in use, trained 1 min 1 s ago, 250 outcomes known'));
    expect(judge(undefined)).toMatchObject({
      verdict: 'warn',
      message: 'no intelligence service answers',
    });
    expect(judge({ ...learning, overdue: true, faults: ['nothing was trained'] })).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('nothing was trained'),
      remedy: expect.stringContaining('nexus models train'),
    });
  });
});

describe('inspectLogFolders', () => {
  it('knows where logs are kept', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'nexus-doctor-'));
    try {
      expect(await inspectLogFolders(dataDir)).toEqual(ok('none is kept here'));
      await mkdir(join(dataDir, 'consensus', 'consensus-1'), { recursive: true });
      expect((await inspectLogFolders(dataDir)).message).toMatch(/^consensus-1 in /);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

describe('judge', () => {
  const info = (policy: string, aof: number) =>
    `# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:${policy}\r\naof_enabled:${aof}\r\n`;

  it('warns of a Redis that forgets', () => {
    expect(judge(info('noeviction', 1), 'here')).toEqual(ok('here, redis-server 7.0.15'));
    expect(judge(info('allkeys-lru', 1), 'here').verdict).toBe('warn');
    expect(judge(info('noeviction', 0), 'here').verdict).toBe('warn');
  });
});

describe('amounts', () => {
  it('are judged by what a fleet needs', () => {
    expect([10e6, 200e6, 2e9].map((bytes) => inspectMemory(bytes).verdict)).toEqual(['fail', 'warn', 'ok']);
    expect(inspectHandles(1_024).verdict).toBe('warn');
    expect(inspectHandles(Number.POSITIVE_INFINITY)).toEqual(ok('unlimited'));
    expect(inspectHandles(undefined).verdict).toBe('ok');
  });
});

describe('diagnose', () => {
  it('takes a look that breaks for a failure', async () => {
    const look = () => {
      throw new Error('odd');
    };
    expect(await diagnose({ name: 'x', look })).toMatchObject({ verdict: 'fail', message: 'odd' });
  });
});

describe('renderDiagnosis', () => {
  it('puts what to do below the finding', () => {
    const paint = coloursFor({ isTTY: false });
    const diagnosis = { name: 'nats', ...fail('down', 'nexus up') };
    expect(renderDiagnosis(diagnosis, paint)).toBe(`fail  nats          down\n${' '.repeat(20)}→ nexus up`);
    expect(renderVerdict([diagnosis, { name: 'node', ...ok('22') }])).toBe('1 ok, 0 warnings, 1 failures');
  });
});
