import { describe, expect, it } from '@jest/globals';
import { violationText } from './report.js';

const steps = [
  { number: 0, text: '#0 at 5 ms: s1 crashes' },
  { number: 1, text: '#1 at 9 ms: s2 is paused' },
];

const violation = {
  invariant: 'at most one leader a term',
  detail: 'a and b both lead term 3',
  atMs: 12.3456,
};

describe('the report of a broken promise', () => {
  it('names the promise, the steps that it takes, and the command that shows it again', () => {
    const text = violationText('raft', { seed: 7, violation }, steps);
    expect(text).toContain('seed 7, at 12.35 ms: at most one leader a term');
    expect(text).toContain('a and b both lead term 3');
    expect(text).toContain('  #0 at 5 ms: s1 crashes');
    expect(text).toContain("npm run sim -- --seed 7 --steps '0,1' --trace");
  });

  it('says when it takes none of the steps', () => {
    const text = violationText('gossip', { seed: 7, violation }, []);
    expect(text).toContain('without any fault');
    expect(text).toContain("npm run sim -- gossip --seed 7 --steps ''");
  });

  it('leaves the steps out when they were not looked for', () => {
    expect(violationText('raft', { seed: 7, violation }, null)).toContain(
      'again: npm run sim -- --seed 7 --trace',
    );
  });
});
