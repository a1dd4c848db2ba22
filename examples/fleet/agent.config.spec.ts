import { describe, expect, it } from '@jest/globals';
import { readAgentConfig } from './agent.config.js';

const least = ['--id', 'a', '--root', '/data'];

describe('readAgentConfig', () => {
  it('reads the flags over the defaults', () => {
    const flags = [...least, '--slowness-ms', '7', '--group', 'g1', '--group', 'g2'];
    expect(readAgentConfig(flags)).toMatchObject({
      agentId: 'a',
      root: '/data',
      slownessMs: 7,
      concurrency: 4,
      groups: ['g1', 'g2'],
    });
  });

  it('is undefined when help is asked for', () => {
    expect(readAgentConfig(['--help'])).toBeUndefined();
  });

  it.each([
    [['--root', '/data'], 'id'],
    [[...least, '--concurrency', '0'], 'concurrency'],
    [[...least, '--slowness-ms', 'fast'], 'slowness-ms'],
    [[...least, '--sloth', '1'], 'sloth'],
  ])('names the flag that is wrong in %j', (flags, name) => {
    expect(() => readAgentConfig(flags)).toThrow(name);
  });
});
