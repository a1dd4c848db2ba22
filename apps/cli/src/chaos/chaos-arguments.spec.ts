import { describe, expect, it } from '@jest/globals';
import { chaosArguments } from './chaos-arguments.js';

describe('chaosArguments', () => {
  it('passes on what was said, and nothing else', () => {
    expect(chaosArguments({ json: false })).toEqual([]);
    expect(chaosArguments({ json: true, rounds: 3, replicas: '5', seed: 0 }).join(' ')).toBe(
      '--rounds 3 --replicas 5 --seed 0 --json',
    );
  });
});
