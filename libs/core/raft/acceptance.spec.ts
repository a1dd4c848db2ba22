import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const folder = new URL('./', import.meta.url);
const root = new URL('../../../', folder);
const read = (file: string) => readFileSync(new URL(file, file.includes('/') ? root : folder), 'utf8');

/** The numbered rows of the last table, each with the files that it names. */
const rows = [...read('ALGORITHM.md').matchAll(/^\| (R\d+) +\|.*\|(.*)\|$/gm)].map(
  ([, number = '', files = '']) =>
    [number, [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)] as const,
);

describe('what must hold', () => {
  it('is all in the table', () => {
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 26 }, (_, at) => `R${at + 1}`));
  });

  it.each(rows)('%s is in the name of a test in each file that the table names', (number, files) => {
    const name = new RegExp(`(it|describe|each)\\b[^\\n]*\\(\\s*['"\`][^\\n]*\\b${number}\\b`);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !name.test(read(file)))).toEqual([]);
  });
});
