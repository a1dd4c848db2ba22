import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Endpoint, endpoints } from './endpoints.js';
import { NexusError } from './error.js';
import { agentIdSchema, idPattern, requestIdSchema } from './ids.js';
import { subjectOf, subjectParams, subjects, subscriptionOf } from './subjects.js';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const templates = [
  ...Object.values<Endpoint>(endpoints).map(({ template }) => template),
  ...Object.values<string>(subjects),
];

const hostile = [
  ...['', ' ', '.', 'a.b', '*', '>', 'a*', 'a>', 'a b', 'a\n', '\na', 'a\r\nPUB x', 'a\0', 'a\t'],
  ...['ä', 'а', '１', '😀', '{agentId}', '$SRV', '../x', 'a/b', 'a:b', 'x'.repeat(65), '__proto__\n'],
];

const refuses = (work: () => unknown) => {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof NexusError && error.code === 'invalid_argument';
  }
};

describe('ids', () => {
  it.each(hostile)('refuse %j', (text) => {
    expect(agentIdSchema.safeParse(text).success).toBe(false);
    expect(refuses(() => subjectOf('nexus', 'agent.{agentId}', { agentId: text }))).toBe(true);
    expect(refuses(() => subjectOf(text, 'agents.list', {}))).toBe(true);
    expect(refuses(() => subscriptionOf(text, 'agents.list'))).toBe(true);
  });

  it('pass exactly when every character is of the pattern', () => {
    fc.assert(
      fc.property(fc.oneof(id, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const fits =
          text.length >= 1 && text.length <= 64 && Array.from(text).every((c) => /[A-Za-z0-9_-]/.test(c));
        expect(agentIdSchema.safeParse(text).success).toBe(fits);
        expect(refuses(() => subjectOf('nexus', 'agent.{agentId}', { agentId: text }))).toBe(!fits);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of requests are 1 to 64 printable ASCII characters', () => {
    for (const good of ['a', '!', '~'.repeat(64), 'order:7/retry?1']) {
      expect(requestIdSchema.safeParse(good).success).toBe(true);
    }
    for (const bad of ['', 'a b', 'a\n', 'ä', '~'.repeat(65)]) {
      expect(requestIdSchema.safeParse(bad).success).toBe(false);
    }
  });
});

describe('subjectOf', () => {
  it('builds one concrete subject under the prefix, whatever the ids', () => {
    fc.assert(
      fc.property(id, fc.constantFrom(...templates), id, (prefix, template, value) => {
        const subject = subjectOf(prefix, template, paramsOf(template, value));
        expect(subject.split('.')).toHaveLength(template.split('.').length + 1);
        expect(subject.split('.').every((token) => idPattern.test(token))).toBe(true);
      }),
    );
  });

  it('is inverted by subjectParams', () => {
    fc.assert(
      fc.property(fc.constantFrom(...templates), id, id, (template, one, other) => {
        const params = paramsOf(template, one, other);
        expect(subjectParams(template, subjectOf('nexus', template, params))).toEqual(params);
      }),
    );
  });

  it('refuses an id that is missing, or one only inherited', () => {
    expect(refuses(() => subjectOf('nexus', 'agent.{agentId}', {} as { agentId: string }))).toBe(true);
    expect(refuses(() => subjectOf('nexus', 'agent.{toString}', {} as { toString: never }))).toBe(true);
  });
});

describe('subjectParams', () => {
  it('refuses a subject whose token is no id', () => {
    expect(refuses(() => subjectParams('agent.{agentId}', 'nexus.agent'))).toBe(true);
    expect(refuses(() => subjectParams('agent.{agentId}', 'nexus.agent.a b'))).toBe(true);
    expect(refuses(() => subjectParams('agent.{agentId}', 'nexus.agent.ä'))).toBe(true);
  });
});

describe('subscriptionOf', () => {
  it('puts a wildcard where an id stands', () => {
    expect(subscriptionOf('nexus', 'agents.register.{agentId}')).toBe('nexus.agents.register.*');
    expect(subscriptionOf('blue', 'events.{domain}.{event}')).toBe('blue.events.*.*');
  });

  it('matches no subject of two endpoints, so that each request has one server', () => {
    const subscriptions = Object.values<Endpoint>(endpoints).map(({ template }) =>
      subscriptionOf('nexus', template),
    );
    for (const one of subscriptions) {
      for (const other of subscriptions) {
        if (one !== other) expect([one, other, overlap(one, other)]).toEqual([one, other, false]);
      }
    }
  });

  it('names one process where its id is fixed', () => {
    const template = endpoints.consensusReplicaRead.template;
    expect(subscriptionOf('nexus', template)).toBe('nexus.consensus.*.read');
    expect(subscriptionOf('nexus', template, { replicaId: 'consensus-2' })).toBe(
      'nexus.consensus.consensus-2.read',
    );
    for (const text of hostile) {
      expect(refuses(() => subscriptionOf('nexus', template, { replicaId: text }))).toBe(true);
    }
  });
});

/** A value for each `{name}` of the template, in turn. */
function paramsOf(template: string, ...values: string[]): Record<string, string> {
  const names = [...template.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name, index) => [name, values[index % values.length] ?? '']));
}

function overlap(one: string, other: string): boolean {
  const [left, right] = [one.split('.'), other.split('.')];
  return (
    left.length === right.length &&
    left.every((token, index) => token === '*' || right[index] === '*' || token === right[index])
  );
}
