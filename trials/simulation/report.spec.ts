import { describe, expect, it } from '@jest/globals';
import { raftScenario } from '@nexus/testing';
import { violationText } from './report.js';

const violation = {
  invariant: 'at most one leader a term',
  detail: 'a and b both lead term 3',
  atMs: 12.3456,
};

describe('the report of a broken promise', () => {
  it('names the promise, the steps that it takes, and the command that shows it again', () => {
    const [first, second] = raftScenario(7).steps;
    const text = violationText({ seed: 7, violation }, [first!, second!]);
    expect(text).toContain('seed 7, at 12.35 ms: at most one leader a term');
    expect(text).toContain('a and b both lead term 3');
    expect(text).toContain(`#${first!.number} at`);
    expect(text).toContain("npm run sim -- --seed 7 --steps '0,1' --trace");
  });

  it('says when it takes none of the steps', () => {
    const text = violationText({ seed: 7, violation }, []);
    expect(text).toContain('without any fault');
    expect(text).toContain("--steps ''");
  });

  it('leaves the steps out when they were not looked for', () => {
    expect(violationText({ seed: 7, violation }, null)).toContain('again: npm run sim -- --seed 7 --trace');
  });
});
