import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { errorCodes, errorStatus, NexusError, parse } from './error.js';
import { selectorSchema } from './selector.js';

const acrossTheWire = (error: NexusError) =>
  NexusError.fromBody(JSON.parse(JSON.stringify(error.toBody())) as unknown);

const told = ({
  code,
  message,
  details,
  retryAfterMs,
  leader,
  leaderSubject,
  retryable,
  status,
}: NexusError) => ({
  ...{ code, message, details, retryAfterMs, leader, leaderSubject, retryable, status },
});

const options = fc.record(
  {
    details: fc.array(fc.record({ path: fc.string(), message: fc.string({ unit: 'grapheme' }) })),
    retryAfterMs: fc.nat(),
    leader: fc.string(),
    leaderSubject: fc.string(),
  },
  { requiredKeys: [] },
);

describe('NexusError', () => {
  it.each(errorCodes)('survives the wire with code %s', (code) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), options, (message, more) => {
        const sent = new NexusError(code, message, more);
        expect(told(acrossTheWire(sent))).toEqual(told(sent));
      }),
    );
  });

  it('carries the status that the contract gives its code', () => {
    expect(errorStatus).toEqual({
      ...{ invalid_argument: 400, unauthorized: 401, forbidden: 403, not_found: 404, conflict: 409 },
      ...{ payload_too_large: 413, not_leader: 421, overloaded: 429 },
      ...{ internal: 500, unknown: 502, unavailable: 503, deadline_exceeded: 504 },
    });
    for (const code of errorCodes) expect(new NexusError(code, '').status).toBe(errorStatus[code]);
  });

  it('derives retryable from the code and believes no peer about it', () => {
    const retryable = errorCodes.filter((code) => new NexusError(code, '').retryable);
    expect(retryable).toEqual(['not_leader', 'overloaded', 'unavailable']);
    const lie = { error: { code: 'conflict', message: 'm', retryable: true } };
    expect(NexusError.fromBody(lie).retryable).toBe(false);
  });

  it('is internal when the body of an error reply is none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(NexusError.fromBody(body).code).toBe('internal');
      }),
    );
    expect(NexusError.fromBody({ error: { code: 'teapot', message: '', retryable: false } }).code).toBe(
      'internal',
    );
  });

  it('keeps what it came from, and tells strangers nothing of it', () => {
    const cause = new Error('password=hunter2');
    const error = NexusError.from(cause);
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error.toBody())).not.toContain('hunter2');
    expect(NexusError.from(error)).toBe(error);
  });
});

describe('parse', () => {
  const schema = z.strictObject({ goal: z.strictObject({ timeoutMs: z.int() }) });

  it('hands back what the schema made of the value', () => {
    expect(parse(schema, { goal: { timeoutMs: 1 } }, 'thing')).toEqual({ goal: { timeoutMs: 1 } });
  });

  it('names every fault by its dotted path', () => {
    const refused = catchError(() => parse(schema, { goal: { timeoutMs: 'x', extra: 1 }, more: 2 }, 'thing'));
    expect(refused.code).toBe('invalid_argument');
    expect(refused.details.map(({ path }) => path)).toEqual(['goal.timeoutMs', 'goal.extra', 'more']);
    expect(refused.message).toContain('thing: goal.timeoutMs:');
  });

  it('names a field once in a message', () => {
    const refused = catchError(() => parse(selectorSchema, { ids: ['a b'], group: '*' }, 'thing'));
    expect(refused.message).toBe('thing: ids.0: must be 1 to 64 of A-Z a-z 0-9 _ -');
    expect(refused.details[1]).toEqual({ path: 'group', message: 'must be 1 to 64 of A-Z a-z 0-9 _ -' });
  });

  it('names at most 20 faults', () => {
    const many = z.array(z.int());
    const refused = catchError(() => parse(many, new Array(1_000).fill('x'), 'thing'));
    expect(refused.details).toHaveLength(20);
  });
});

function catchError(work: () => unknown): NexusError {
  try {
    work();
  } catch (error) {
    if (error instanceof NexusError) return error;
  }
  throw new Error('no NexusError was thrown');
}
