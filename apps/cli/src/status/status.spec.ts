import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { renderStatus } from './render-status.js';
import { readFigures } from './service-survey.js';
import { problemsOf, type StatusReport } from './status-report.js';

const startedAt = '2026-01-01T00:00:00.000Z';

const stats = (more: object = {}) => ({
  ...{
    type: 'io.nats.micro.v1.stats_response',
    name: 'nexus-routing',
    id: 'r1',
    version: '0.1.0',
    metadata: {},
  },
  started: startedAt,
  data: { drops: { foreignReply: 1, lateAnswers: 2 } },
  endpoints: [
    { subject: 'nexus.agents.list', num_requests: 3, num_errors: 1, processing_time: 6e6 },
    { subject: 'nexus.agents.get', num_requests: 1, num_errors: 0, processing_time: 2e6 },
  ],
  ...more,
});

const figuresOf = (body: unknown, prefix = 'nexus') => readFigures(Buffer.from(JSON.stringify(body)), prefix);

describe('readFigures', () => {
  it('adds up the endpoints of a service', () => {
    expect(figuresOf(stats())).toMatchObject({ requests: 4, errors: 1, averageMs: 2, startedAt });
  });

  it('passes over services of others, other fleets and malformed answers', () => {
    expect(figuresOf(stats({ name: 'shop' }))).toBeUndefined();
    expect(figuresOf(stats(), 'other')).toBeUndefined();
    expect(figuresOf({ name: 'nexus-routing' })).toBeUndefined();
    expect(readFigures(Buffer.from('{'), 'nexus')).toBeUndefined();
  });
});

describe('problemsOf', () => {
  const agents = { total: 0, alive: 0, suspected: 0, complete: true };
  const log = { leader: 'consensus-1', term: 1, replicas: [], silent: [] } as never;
  const services = ['nexus-consensus', 'nexus-coordinator', 'nexus-routing'].flatMap(
    (name) => figuresOf(stats({ name })) ?? [],
  );

  it('says in a sentence what is missing and what to do', () => {
    expect(problemsOf({ services: [], agents, log })).toEqual([
      'no consensus answers: start one, or the whole stack with nexus up',
      'no coordinator answers: start one, or the whole stack with nexus up',
      'no routing answers: start one, or the whole stack with nexus up',
    ]);
  });

  it('tells of a routing that answers and cannot list', () => {
    expect(problemsOf({ services, agents, log })).toEqual([]);
    const lost = new NexusError('unavailable', 'no Redis');
    expect(problemsOf({ services, agents: lost, log })[0]).toContain('no Redis');
  });

  it('tells of a decision log that answers and cannot decide', () => {
    const leaderless = { leader: null, term: 1, replicas: [], silent: [] };
    expect(problemsOf({ services, agents, log: leaderless })[0]).toContain('has no leader');
    const late = new NexusError('deadline_exceeded', 'too late');
    expect(problemsOf({ services, agents, log: late })[0]).toContain('too late');
  });
});

describe('renderStatus', () => {
  const service = figuresOf(stats());
  const report = {
    nats: { url: 'nats://x:4222', server: 's', version: '2.9.10', rttMs: 0.42 },
    services: service ? [service] : [],
    agents: { total: 2, alive: 1, suspected: 1, complete: true },
    decisions: { leader: 'consensus-2', term: 4, answering: 2, replicas: 3 },
    mesh: {
      ...{ members: 4, services: 3, agents: 1, suspected: ['routing-1'], dead: [], converged: false },
      convergence: 'no, waiting for routing-1',
    },
    models: {
      ...{ inUse: 2, lastTrainedAt: startedAt, overdue: true, outcomes: 1_203 },
      faults: ['nothing was trained for longer'],
    },
    problems: ['no coordinator answers'],
  };
  const linesOf = (shown: StatusReport) =>
    renderStatus(shown, Date.parse(startedAt) + 61_000, coloursFor({ isTTY: false })).split('\n');

  it('shows a line a service', () => {
    expect(linesOf(report)).toEqual([
      'NATS       nats://x:4222 (nats-server 2.9.10, round trip 0.4 ms)',
      'Agents     2: 1 alive, 1 suspected',
      'Decisions  consensus-2 leads term 4, 2 of 3 replicas answer',
      'Members    4: 3 services, 1 agents; converged: no, waiting for routing-1; suspected: routing-1',
      'Models     2 in use, trained 1 min 1 s ago, 1203 outcomes known; nothing was trained for longer',
      '',
      'SERVICE        ID  VERSION     UPTIME  REQUESTS  ERRORS  AVERAGE  DROPS',
      'nexus-routing  r1  0.1.0    1 min 1 s         4       1   2.0 ms      3',
      '',
      '✘ no coordinator answers',
    ]);
  });

  it('says what is not known where nobody tells of it', () => {
    const lines = linesOf({ ...report, mesh: null, models: null });
    expect(lines).toContain('Members    unknown: no gossip service answers');
    expect(lines).toContain('Models     unknown: no intelligence service answers');
  });
});
