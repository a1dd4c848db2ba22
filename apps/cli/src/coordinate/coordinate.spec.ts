import { describe, expect, it } from '@jest/globals';
import { type CoordinateReply, coordinateReplySchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { readQuorum } from './consensus.command.js';
import { type GoalOptions, selectorOf } from './goal-options.js';
import { aggregateText, emptyAggregateNote } from './render-aggregate.js';
import { renderPart } from './render-part.js';
import { renderHead, renderReply } from './render-reply.js';
import { readUnit, readUnits } from './work-units.js';

const paint = coloursFor({ isTTY: false });

const reply = (type: string, result: object, more: object = {}): CoordinateReply =>
  coordinateReplySchema.parse({
    ...{ coordinationId: '01J', type, status: 'complete', layer: 'foundation', strategy: 'foundation' },
    ...{ fallbacks: [], clock: {}, traceId: 'abc', result },
    performance: { durationMs: 3.21, agents: 2, throughputPerS: 623 },
    explain: {
      ...{ requestedMaxLayer: 'adaptive', candidates: [], rule: null, model: null, evidence: null },
      routes: { version: 1, ageMs: 0 },
    },
    ...more,
  });

describe('renderReply of a causal broadcast', () => {
  const result = {
    ...{ targeted: 2, delivered: 2, failed: [], missing: [], conflict: true },
    causal: {
      sender: 'coordinator-1.abcdefgh',
      broadcast: { channel: 'group.workers', sequence: 7 },
      after: {},
    },
  };

  it('says its place among those of its sender, and a conflict', () => {
    const text = renderReply(reply('broadcast', result), paint);
    expect(text).toMatch(/^order {6}group\.workers 7 of coordinator-1\.abcdefgh$/m);
    expect(text).toMatch(/^conflict {3}another value was told/m);
  });
});

describe('selectorOf', () => {
  const select = (options: Partial<GoalOptions>) =>
    selectorOf({ json: false, stream: false, requireComplete: false, exclusive: false, ...options });

  it('takes exactly one way to name agents', () => {
    expect(select({ ids: ['a', 'b'] })).toEqual({ ids: ['a', 'b'] });
    expect(select({ group: 'g' })).toEqual({ group: 'g' });
    expect(select({ all: true })).toEqual({ all: true });
    expect(() => select({})).toThrow('name the agents in one way');
    expect(() => select({ group: 'g', capability: 'c' })).toThrow('name the agents in one way');
  });
});

describe('readQuorum', () => {
  it('reads names and numbers', () =>
    expect([readQuorum('two_thirds'), readQuorum('3')]).toEqual(['two_thirds', 3]));

  it.each(['0', '-1', '1.5', 'most', ''])('refuses "%s"', (text) => expect(() => readQuorum(text)).toThrow());
});

describe('work units', () => {
  it('are read from options', () => {
    expect(readUnit('a={"x":"1=2"}')).toEqual({ id: 'a', payload: { x: '1=2' } });
    expect(readUnit('a')).toEqual({ id: 'a' });
    expect(() => readUnit('={}')).toThrow('id=<json>');
    expect(() => readUnit('a=x')).toThrow('--request a is not JSON');
  });

  it('are read from an array or from lines', () => {
    const units = [{ id: 'a', payload: 1 }, { id: 'b' }];
    expect(readUnits(`\n ${JSON.stringify(units)}`)).toEqual(units);
    expect(readUnits('{"id":"a","payload":1}\r\n\n{"id":"b"}\n')).toEqual(units);
  });

  it('name the line that is wrong', () => {
    expect(() => readUnits('{"id":"a"}\n{"id":1}')).toThrow('line 2');
    expect(() => readUnits('{"id":"a"}\n{"id":')).toThrow('line 2');
    expect(() => readUnits('[{"id":"a"},{"name":"b"}]')).toThrow('entry 2');
  });
});

describe('renderReply', () => {
  it('summarises and lists answers, failures and the missing', () => {
    const result = {
      responses: [{ agentId: 'a', data: { cpu: 0.5 } }],
      failed: [{ agentId: 'b', code: 'internal', message: 'broken' }],
      missing: ['c'],
      ...{ aggregate: 0.5, sampleSize: 1 },
    };
    const text = renderReply(reply('gather', result, { status: 'partial' }), paint);
    expect(text.split('\n')).toEqual([
      'status     gather partial',
      'answers    1 (1 failed, 1 missing)',
      'aggregate  0.5 of 1 values',
      'layer      foundation, strategy foundation',
      'time       3.2 ms, 2 agents',
      'trace      abc',
      'id         01J',
      '',
      'AGENT  ANSWER',
      'a      {"cpu":0.5}',
      '',
      'AGENT  FAULT',
      'b      internal: broken',
      'c      missing',
    ]);
  });

  it('leaves the tables out of the head', () => {
    const result = { responses: [{ agentId: 'a', data: 1 }], failed: [], missing: ['c'] };
    const gathered = reply('gather', result);
    expect(renderReply(gathered, paint)).toMatch(/AGENT +ANSWER[^]*FAULT/);
    const head = renderHead(gathered, paint);
    expect(head).toContain('answers    1 (0 failed, 1 missing)');
    expect(head).not.toMatch(/ANSWER|FAULT/);
  });

  it('tells an undecided vote from a decided one', () => {
    const votes = { votes: [{ agentId: 'a', vote: null }], quorum: 2, failed: [], missing: [] };
    const undecided = reply('consensus', { ...votes, decided: false, value: null, tally: { red: 1 } });
    expect(renderReply(undecided, paint)).toMatch(/outcome +undecided[^]*abstains/);
    const decided = reply('consensus', { ...votes, decided: true, value: 'red', tally: { red: 2 } });
    expect(renderReply(decided, paint)).toMatch(/outcome +"red"/);
  });

  it('says where it fell back from', () => {
    const result = { targeted: 2, delivered: 2, failed: [], missing: [] };
    const fallbacks = [{ layer: 'performance', code: 'unavailable', message: 'no snapshot' }];
    expect(renderReply(reply('broadcast', result, { fallbacks }), paint)).toContain(
      'fell back  from performance: no snapshot',
    );
  });

  it('keeps a long table in bounds, and its text from steering the terminal', () => {
    const results = Array.from({ length: 101 }, (_, index) => ({
      ...{ requestId: `r${index}`, agentId: 'a', ok: false, attempts: 1 },
      error: { code: 'internal', message: '\u001b[2J' },
    }));
    const text = renderReply(reply('load_balance', { assignments: [], results }), paint);
    expect(text).toContain('… and 1 more: --json has all');
    expect(text).toContain('done       0 of 101');
    expect(text).not.toContain('\u001b');
  });
});

describe('aggregateText', () => {
  it('shows a histogram in one line', () => {
    const buckets = [
      { from: 0, to: 1 / 3, count: 2 },
      { from: 1 / 3, to: 1, count: 1 },
    ];
    expect(aggregateText({ min: 0, max: 1, buckets })).toBe('0..0.3333: 2, 0.3333..1: 1');
    expect(aggregateText({ winner: 'a' })).toBe('{"winner":"a"}');
  });
});

describe('emptyAggregateNote', () => {
  const gathered = (more: object) =>
    reply('gather', { responses: [{ agentId: 'a', data: { cpu: 1 } }], failed: [], missing: [], ...more });

  it('tells to name the field when no answer had a value', () => {
    const empty = gathered({ aggregate: null, sampleSize: 0 });
    expect(emptyAggregateNote(empty, undefined)).toMatch(/^0 of 1 answers had .* add --field/);
    expect(emptyAggregateNote(empty, '/cpus')).toContain('is --field /cpus right?');
  });

  it('says nothing of an aggregate with values, without answers or without an aggregate', () => {
    expect(emptyAggregateNote(gathered({ aggregate: 1, sampleSize: 1 }), '/cpu')).toBeUndefined();
    const nobody = gathered({ responses: [], aggregate: null, sampleSize: 0 });
    expect(emptyAggregateNote(nobody, undefined)).toBeUndefined();
    expect(emptyAggregateNote(gathered({}), undefined)).toBeUndefined();
  });
});

describe('renderPart', () => {
  it('is a line an entry', () => {
    const part = { responses: [{ agentId: 'a' as never, data: 1 }], missing: ['b' as never] };
    expect(renderPart({ coordinationId: '01J', type: 'gather', part }, paint)).toBe('✔ a  1\n✘ b  missing');
  });
});
