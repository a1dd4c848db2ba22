import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataDirLock } from './data-dir-lock.js';

describe('DataDirLock', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nexus-lock-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const leave = async (content: string) => {
    const lock = await DataDirLock.take(dataDir);
    await lock.release();
    await writeFile(join(dataDir, 'run', 'lock.json'), content);
  };

  it('is held by one at a time, and free again after its release', async () => {
    const first = await DataDirLock.take(dataDir);
    await first.publish({ natsUrl: 'nats://127.0.0.1:4222', redisUrl: 'redis://127.0.0.1:6379' });
    await expect(DataDirLock.take(dataDir)).rejects.toMatchObject({
      code: 'conflict',
      details: [
        { path: 'pid', message: String(process.pid) },
        { path: 'natsUrl', message: 'nats://127.0.0.1:4222' },
      ],
    });
    await first.release();
    const second = await DataDirLock.take(dataDir);
    await second.release();
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
  });

  it('goes to exactly one of many that want it at once', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => DataDirLock.take(dataDir)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over from a process that is dead', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await leave(JSON.stringify({ pid: child.pid, birth: '1', startedAt: '' }));
    await (await DataDirLock.take(dataDir)).release();
  });

  it('is taken over when the pid was given to another process since', async () => {
    await leave(JSON.stringify({ pid: process.pid, birth: 'of an earlier process', startedAt: '' }));
    await (await DataDirLock.take(dataDir)).release();
  });

  it('says what the system refuses instead of calling it a fight', async () => {
    await leave('{"pid": 1');
    await mkdir(join(dataDir, 'run', `lock.json.${process.pid}.stale`));
    await expect(DataDirLock.take(dataDir)).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('is taken over when the file is torn', async () => {
    await leave('{"pid": 1');
    await (await DataDirLock.take(dataDir)).release();
  });
});
