import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBinary } from './find-binary.js';

describe('findBinary', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nexus-find-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = async (...parts: string[]) => {
    const path = join(folder, ...parts);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o755);
    return path;
  };
  const find = (environment: { path?: string; named?: string }) =>
    findBinary('redis', {
      binDir: join(folder, 'bin'),
      environment: {
        path: environment.path ?? '',
        binaries: environment.named === undefined ? {} : { redis: environment.named },
      },
    });

  it('takes the program that is named before all others', async () => {
    const named = await program('own', 'my-redis');
    await program('path', 'redis-server');
    expect(await find({ named, path: join(folder, 'path') })).toEqual({ path: named });
  });

  it('refuses a name that is no program, and says which variable gave it', async () => {
    await expect(find({ named: join(folder, 'nothing') })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('NEXUS_REDIS_SERVER_BIN'),
    });
  });

  it('takes a fetched program with its own libraries before one on the path', async () => {
    const fetched = await program('bin', 'redis', 'usr', 'bin', 'redis-server');
    await program('bin', 'redis', 'usr', 'lib', 'x86_64-linux-gnu', 'liblzf.so.1');
    await program('path', 'redis-server');
    const root = join(folder, 'bin', 'redis');
    expect(await find({ path: join(folder, 'path') })).toEqual({
      path: fetched,
      libraryPath: `${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu`,
    });
  });

  it('passes over a file on the path that cannot be run', async () => {
    await chmod(await program('first', 'redis-server'), 0o644);
    const second = await program('second', 'redis-server');
    const path = `${join(folder, 'first')}:${join(folder, 'second')}`;
    expect(await find({ path })).toEqual({ path: second });
  });
});
