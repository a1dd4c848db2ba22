import { describe, expect, it } from '@jest/globals';
import { keySchema, proposeRequestSchema, readRequestSchema } from './consensus.js';

const accepts = (command: object) => proposeRequestSchema.safeParse({ command }).success;

describe('keys', () => {
  it.each(['model', 'config.coordination', 'a.b.c.d.e.f.g.h', 'x'.repeat(64)])('may be %s', (key) => {
    expect(keySchema.safeParse(key).success).toBe(true);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a.*', 'ä', 'a.b.c.d.e.f.g.h.i', 'x'.repeat(65), 'a\n'])(
    'may not be %j',
    (key) => expect(keySchema.safeParse(key).success).toBe(false),
  );
});

describe('commands', () => {
  it('need a value, which may be null', () => {
    expect(accepts({ type: 'put', key: 'k', value: null })).toBe(true);
    expect(accepts({ type: 'put', key: 'k' })).toBe(false);
    expect(accepts({ type: 'decide', key: 'k' })).toBe(false);
  });

  it('keep no field that would be read under another name', () => {
    const value: unknown = JSON.parse('[{"deep":{"__proto__":1}}]');
    expect(accepts({ type: 'put', key: 'k', value })).toBe(false);
    expect(accepts({ type: 'decide', key: 'k', value })).toBe(false);
    expect(accepts({ type: 'put', key: '__proto__', value: '__proto__' })).toBe(true);
  });

  it.each([
    { type: 'put', key: 'k', value: 1, expectedVersion: -1 },
    { type: 'put', key: 'k', value: 1, typo: true },
    { type: 'put', key: 'k', value: 1, fence: { resource: 'r' } },
    { type: 'lease.acquire', resource: 'r', owner: 'o' },
    { type: 'lease.acquire', resource: 'r', owner: 'o', ttlMs: 0 },
    { type: 'campaign', election: 'e', candidate: 'a b' },
    { type: 'expire' },
  ])('are refused as %j', (command) => expect(accepts(command)).toBe(false));
});

describe('reads', () => {
  it('name a key, a lease or an election, and one alone', () => {
    expect(readRequestSchema.parse({ key: 'k' })).toEqual({ key: 'k', consistency: 'linearizable' });
    expect(readRequestSchema.safeParse({ resource: 'r', consistency: 'local' }).success).toBe(true);
    expect(readRequestSchema.safeParse({ election: 'e' }).success).toBe(true);
    expect(readRequestSchema.safeParse({ key: 'k', resource: 'r' }).success).toBe(false);
    expect(readRequestSchema.safeParse({}).success).toBe(false);
  });
});
