import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { FileSpace, fillBlock, probeSpace } from './file-space.js';

const mebibyte = 1_024 * 1_024;

describe('FileSpace', () => {
  let directory = '';
  let path = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-space-'));
    path = join(directory, 'file');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const sizeOf = async () => (await stat(path)).size;

  it('has the room before it is needed, and makes more meanwhile', async () => {
    await writeFile(path, 'content');
    const space = await FileSpace.of(path, () => 10_000);
    await space.provide(500_000);
    expect(await sizeOf()).toBeGreaterThanOrEqual(510_000);
    await eventually('the file grows ahead', async () => (await sizeOf()) >= 510_000 + 2 * mebibyte);
    await space.close();
    expect((await readFile(path)).subarray(0, 7).toString()).toBe('content');
  });

  it('asks what is in use only when its own sum runs out', async () => {
    let asked = 0;
    const space = await FileSpace.of(path, () => {
      asked++;
      return 0;
    });
    await space.provide(1);
    await eventually('the file grows ahead', async () => (await sizeOf()) >= 2 * mebibyte);
    for (let n = 0; n < 100; n++) await space.provide(1_000);
    expect(asked).toBe(1);
    for (let n = 0; n < 10; n++) await space.provide(200_000);
    expect(asked).toBeGreaterThan(1);
    expect(await sizeOf()).toBeLessThan(4 * mebibyte);
    await space.close();
  });

  it('leaves an empty file where there was room, and a block where none was', async () => {
    await probeSpace(path, 300_000);
    expect(await sizeOf()).toBe(0);
    await fillBlock(path);
    await fillBlock(path);
    expect(await sizeOf()).toBe(65_536);
  });
});
