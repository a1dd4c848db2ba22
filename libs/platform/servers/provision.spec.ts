import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { instruction, provision } from './provision.js';

describe('provision', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nexus-provision-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = async (body: string) => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'server');
    await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return path;
  };
  const options = (nats: string) => ({
    environment: { path: '', binaries: { nats } },
    binDir: join(folder, 'bin'),
    log: () => undefined,
  });

  it('tells the version of the program that it found', async () => {
    const path = await program('echo "nats-server: v2.9.10"');
    expect(await provision('nats', options(path))).toEqual({
      kind: 'binary',
      binary: { path },
      version: '2.9.10',
    });
  });

  it('says in one line what to install when a program does not run and nothing can be fetched', async () => {
    const path = await program('echo "wrong architecture" >&2; exit 1');
    const refusal = provision('nats', options(path));
    await expect(refusal).rejects.toMatchObject({ code: 'unavailable' });
    await expect(refusal).rejects.toThrow(/^nats-server is missing: run `[^\n]*$/);
    await expect(refusal).rejects.toThrow('wrong architecture');
  });
});

describe('instruction', () => {
  it.each([
    ['linux', 'apt-get install -y redis-server'],
    ['darwin', 'brew install redis'],
  ] as const)('names the command for %s and the way around it', (platform, command) => {
    expect(instruction('redis', platform)).toContain(command);
    expect(instruction('redis', platform)).toContain('NEXUS_REDIS_URL');
  });
});
