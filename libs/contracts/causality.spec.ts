import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { agentAnswerSchema, agentMessageSchema, clockSchema } from './agent-message.js';
import { causalStampSchema, channelSchema, frontiersSchema, senderIdSchema } from './causality.js';
import { coordinateRequestSchema } from './coordinate.js';
import { limits } from './limits.js';

const many = (count: number, name: (n: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), 1]));
const life = (n: number) => `a${n}.00000000`;

describe('senderIdSchema', () => {
  it.each(['worker-1.k3f9A2b7', 'a.00000000', `${'x'.repeat(64)}.aaaaaaaa`])('admits %s', (sender) => {
    expect(senderIdSchema.safeParse(sender).success).toBe(true);
  });

  it.each([
    'worker-1',
    'worker-1.',
    'worker-1.short',
    'a.b.00000000',
    '*.00000000',
    '__proto__',
    'a.0000000_',
  ])('refuses %s', (sender) => {
    expect(senderIdSchema.safeParse(sender).success).toBe(false);
  });
});

describe('channelSchema', () => {
  it.each(['all', 'group.workers', 'capability.ocr'])('admits %s', (channel) => {
    expect(channelSchema.safeParse(channel).success).toBe(true);
  });

  it.each(['', 'workers', 'group.', 'group.a.b', 'group.*', 'all.x', 'ids.a'])('refuses "%s"', (channel) => {
    expect(channelSchema.safeParse(channel).success).toBe(false);
  });
});

describe('frontiersSchema', () => {
  it('is bounded in channels and in senders', () => {
    const { frontierEntriesMax: entries, frontierChannelsMax: channels } = limits;
    const accepts = (value: unknown) => frontiersSchema.safeParse(value).success;
    expect(accepts({ all: many(entries, life) })).toBe(true);
    expect(accepts({ all: many(entries + 1, life) })).toBe(false);
    const each = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`group.g${n}`, many(1, life)]));
    expect(accepts(each(channels))).toBe(true);
    expect(accepts(each(channels + 1))).toBe(false);
  });

  it('counts from one, in numbers that JSON keeps', () => {
    for (const sequence of [0, -1, 1.5, 2 ** 53, '1', null]) {
      expect(frontiersSchema.safeParse({ all: { [life(0)]: sequence } }).success).toBe(false);
    }
  });
});

describe('clockSchema', () => {
  it('is bounded in entries and in the length of names', () => {
    expect(clockSchema.safeParse(many(limits.clockEntriesMax, String)).success).toBe(true);
    expect(clockSchema.safeParse(many(limits.clockEntriesMax + 1, String)).success).toBe(false);
    expect(clockSchema.safeParse({ ['x'.repeat(97)]: 1 }).success).toBe(false);
  });
});

/** What a schema makes of a value, the words of a refusal included. */
const verdict = (schema: z.ZodType, value: unknown) => {
  const { success, data, error } = schema.safeParse(value);
  return { success, data, issues: error?.issues };
};

const hostileNames = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '-0',
  '7',
  'NaN',
  'a.b',
  'all ',
  'all\n',
];
const longNames = ['x', '\u{1f980}', '\ud83e'].flatMap((sign) => [sign.repeat(96), sign.repeat(97)]);
const names = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Array.from({ length: 8 }, (_, n) => life(n))) },
  { weight: 4, arbitrary: fc.constantFrom('all', 'group.a', 'capability.b', 'coordinator-1-ABCDEFGHIJ') },
  fc.constantFrom(...hostileNames, ...longNames),
  fc.string(),
);
const counters = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1 }) },
  fc.constantFrom(
    0,
    -0,
    -1,
    1.5,
    2 ** 53 - 1,
    2 ** 53,
    Infinity,
    -Infinity,
    NaN,
    '1',
    null,
    undefined,
    true,
    1n,
    [],
  ),
);

/** Records as JSON makes them, `__proto__` an own name too, and as no decoder does. */
const recordOf = (values: fc.Arbitrary<unknown>) =>
  fc
    .tuple(fc.array(fc.tuple(names, values), { maxLength: 12 }), fc.nat(24))
    .map(([entries, form]): unknown => {
      const record = Object.fromEntries(entries);
      const [[name, value] = ['a', 1]] = entries;
      if (form === 0) return entries;
      if (form === 1) return new Map(entries);
      if (form === 2) return Object.create(record);
      if (form === 3) return { ...record, [Symbol('a')]: 1 };
      if (form === 4) return Object.defineProperty({ ...record }, name, { value, enumerable: false });
      if (form === 5) return new Date(0);
      return form < 10 ? Object.assign(Object.create(null), record) : record;
    });
const records = fc.oneof(recordOf(counters), recordOf(recordOf(counters)), fc.anything());

describe.each<[string, z.ZodType]>([
  ['clockSchema', clockSchema],
  ['frontiersSchema', frontiersSchema],
  ['the frontiers of a stamp', causalStampSchema.shape.after],
])('%s, compiled', (_, schema) => {
  // A copy is not compiled.
  const interpreted = z.clone(schema);

  it('is one that can be', () => {
    expect(() => z.compile(interpreted, { strict: true })).not.toThrow();
  });

  it('makes of every value what the interpreter makes of it', () => {
    const outcomes = { true: 0, false: 0 };
    fc.assert(
      fc.property(records, (value) => {
        const { success } = verdict(schema, value);
        outcomes[`${success}`] += 1;
        expect(verdict(schema, value)).toStrictEqual(verdict(interpreted, value));
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(outcomes.true, outcomes.false)).toBeGreaterThan(100);
  });

  it('has its bounds', () => {
    for (const count of [limits.frontierChannelsMax, limits.clockEntriesMax].flatMap((max) => [
      max,
      max + 1,
    ])) {
      const flat = many(count, life);
      const channels = Object.fromEntries(
        Array.from({ length: count }, (_each, n) => [`group.g${n}`, { [life(n)]: 1 }]),
      );
      for (const value of [flat, { all: flat }, channels]) {
        expect(verdict(schema, value)).toStrictEqual(verdict(interpreted, value));
      }
    }
  });
});

describe('causal fields', () => {
  const message = { coordinationId: 'c', kind: 'broadcast', budgetMs: 1, attempt: 1, from: 'coordinator-1' };
  const causal = {
    sender: life(1),
    broadcast: { channel: 'all', sequence: 3 },
    after: { all: { [life(2)]: 7 } },
  };

  it('are optional in a message, and refused when malformed: an order that is not understood is none', () => {
    expect(agentMessageSchema.parse(message).causal).toBeUndefined();
    expect(agentMessageSchema.parse({ ...message, causal }).causal).toEqual(causal);
    expect(agentMessageSchema.safeParse({ ...message, causal: { ...causal, sender: 'x' } }).success).toBe(
      false,
    );
    expect(causalStampSchema.safeParse({ sender: life(1), after: {} }).success).toBe(true);
  });

  it('of an answer are dropped when malformed: the work is done', () => {
    const answer = { agentId: 'a', ok: true, data: 1 };
    expect(agentAnswerSchema.parse({ ...answer, clock: { a: 1 }, frontiers: causal.after })).toEqual({
      ...answer,
      clock: { a: 1 },
      frontiers: causal.after,
    });
    expect(agentAnswerSchema.parse({ ...answer, clock: { a: -1 }, frontiers: 'x' })).toEqual(answer);
  });

  it('are part of a broadcast alone', () => {
    const goal = { type: 'broadcast', ordering: 'causal', after: causal.after, key: 'mode' };
    const request = (type: string) => ({ agents: { all: true }, goal: { ...goal, type } });
    expect(coordinateRequestSchema.safeParse(request('broadcast')).success).toBe(true);
    expect(coordinateRequestSchema.safeParse(request('gather')).success).toBe(false);
  });
});
