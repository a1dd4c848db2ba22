import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyLog } from './key-log.js';
import { type KeyChange } from './index.js';

const written = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
    value: fc.option(fc.constantFrom('1', '2')),
  }),
  { maxLength: 100 },
);

const logOf = (changes: readonly Omit<KeyChange, 'version'>[]) => {
  const log = new KeyLog();
  const latest = new Map<string, KeyChange>();
  for (const [index, change] of changes.entries()) {
    const numbered = { ...change, version: index + 1 };
    log.append(numbered);
    latest.set(change.key, numbered);
  }
  return { log, latest: [...latest.values()].sort((one, two) => one.version - two.version) };
};

describe('KeyLog', () => {
  it('gives the latest changes after any version, in order', () => {
    fc.assert(
      fc.property(written, fc.nat(100), (changes, version) => {
        const { log, latest } = logOf(changes);
        expect([...log.after(version)]).toEqual(latest.filter((change) => change.version > version));
        expect(log.size).toBe(latest.length);
      }),
    );
  });

  it('collects tombstones up to a version and nothing else', () => {
    fc.assert(
      fc.property(written, fc.nat(100), (changes, version) => {
        const { log, latest } = logOf(changes);
        log.collect(version);
        const kept = latest.filter((change) => change.value !== null || change.version > version);
        expect([...log.after(0)]).toEqual(kept);
        expect(log.size).toBe(kept.length);
      }),
    );
  });

  it('keeps no more than twice its keys however often they change', () => {
    const log = new KeyLog();
    for (let version = 1; version <= 10_000; version++)
      log.append({ key: 'a', version, value: `${version}` });
    expect([...log.after(0)]).toEqual([{ key: 'a', version: 10_000, value: '10000' }]);
    expect(JSON.stringify(log).length).toBeLessThan(1_000);
  });

  it('refuses versions that run backwards', () => {
    const log = new KeyLog();
    log.append({ key: 'a', version: 2, value: '' });
    expect(() => log.append({ key: 'b', version: 2, value: '' })).toThrow('order of their versions');
  });
});
