import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { mutants as bySubject } from './all-mutants.js';
import { mutate, occurrences } from './plant.js';

const mutants = Object.values(bySubject).flat();
const read = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');

describe('the mutants', () => {
  it('are at least eighty, each with a name of its own and a reason', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(80);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.filter(({ why }) => why.length < 20)).toEqual([]);
  });

  it.each(mutants)('$name: its text is in the code exactly once', ({ file, find }) => {
    expect(occurrences(read(file), find)).toBe(1);
  });

  it.each(mutants)('$name: changes the code', (mutant) => {
    const source = read(mutant.file);
    expect(mutate(source, mutant)).not.toBe(source);
  });
});

describe('mutate', () => {
  const mutant = { name: 'm', why: '', file: 'f.ts', find: 'a', replace: '$&' };

  it('replaces the text, whatever stands in the replacement', () => {
    expect(mutate('b a c', mutant)).toBe('b $& c');
  });

  it('says which mutant is out of step', () => {
    expect(() => mutate('b', mutant)).toThrow('"m" finds its text 0 times in f.ts');
    expect(() => mutate('aa', mutant)).toThrow('2 times');
  });
});
