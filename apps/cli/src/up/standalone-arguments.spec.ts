import { describe, expect, it } from '@jest/globals';
import { standaloneArguments } from './standalone-arguments.js';

const plain = { showcase: false, once: false, fleet: true, processes: false };

describe('standaloneArguments', () => {
  it('passes nothing on where nothing was said', () => expect(standaloneArguments(plain)).toEqual([]));

  it('passes on what was said', () => {
    const said = { fleet: false, agents: 3, replicas: '3', processes: true, dataDir: '/data' };
    expect(standaloneArguments({ ...plain, ...said }).join(' ')).toBe(
      '--no-fleet --agents 3 --replicas 3 --processes --data-dir /data',
    );
  });

  it('runs the showcase where it is to end after it', () => {
    expect(standaloneArguments({ ...plain, once: true, input: '.' }).join(' ')).toBe(
      '--showcase --once --input .',
    );
  });
});
