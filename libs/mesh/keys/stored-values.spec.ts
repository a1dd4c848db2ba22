import { describe, expect, it } from '@jest/globals';
import { limits } from '@nexus/contracts';
import { readStored } from './stored-values.js';

const at = 1_000;
const read = (stored: string) => readStored('a', JSON.parse(stored), at);
const holding = (value: string) => `[[${at},{},${value}]]`;
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('what a member published under a shared key', () => {
  // As the field of a request it is a level down, and its innermost array has no level below.
  const levelsMax = limits.depthMax;

  it('is read when a request could have put it', () => {
    for (const value of ['null', '0', '1e308', '"x"', '{"a":[1]}', nested(levelsMax)]) {
      expect(read(holding(value))).toMatchObject([{ content: { value: JSON.parse(value) as unknown } }]);
    }
    expect(read(`[[${at},{}]]`)).toMatchObject([{ content: { kind: 'removed' } }]);
  });

  it('is refused when it is deeper than any request, or not finite', () => {
    for (const value of [nested(levelsMax + 1), nested(4_000), '1e999', '{"a":[-1e999]}']) {
      expect(read(holding(value))).toBeUndefined();
    }
  });
});
