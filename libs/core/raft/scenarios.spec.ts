import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { play } from './testdata/script.js';

const folder = new URL('testdata/', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('scenarios', () => {
  it.each(scripts)('%s', (name) => {
    play(readFileSync(new URL(name, folder), 'utf8'));
  });

  it('name the line that fails', () => {
    expect(() => play('cluster 1\n\nelect 1\nexpect 1 term 7')).toThrow(
      'line 4, "expect 1 term 7": Defect: 1 term: expected "7", found "1"',
    );
    expect(() => play('cluster 1\nfly 1')).toThrow('there is a verb "fly"');
  });
});
