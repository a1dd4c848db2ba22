import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { idPattern } from '@nexus/contracts';
import { nameInstance, nexusVersion } from './index.js';

describe('nameInstance', () => {
  it('gives every life a name of its own', () => {
    const lives = Array.from({ length: 1_000 }, () => nameInstance('coordinator', undefined));
    expect(new Set(lives.map(({ incarnation }) => incarnation)).size).toBe(lives.length);
    for (const { nodeId, incarnation } of lives) {
      expect(nodeId).toMatch(/^coordinator-/);
      expect(incarnation).toBe(nodeId);
    }
  });

  it('keeps a configured node id, and tells its lives apart', () => {
    const [one, two] = [nameInstance('routing', 'rack-7'), nameInstance('routing', 'rack-7')];
    expect([one.nodeId, two.nodeId]).toEqual(['rack-7', 'rack-7']);
    expect(one.incarnation).toMatch(/^rack-7-/);
    expect(one.incarnation).not.toBe(two.incarnation);
  });

  it('stays an id, however long the node id', () => {
    const { nodeId, incarnation } = nameInstance('routing', 'x'.repeat(64));
    expect(nodeId).toMatch(idPattern);
    expect(incarnation).toMatch(idPattern);
  });
});

describe('nexusVersion', () => {
  it('is that of the package', () => {
    const manifest = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    expect(nexusVersion).toBe(version);
  });
});
