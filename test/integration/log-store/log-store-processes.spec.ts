import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LmdbLogStore } from '@nexus/platform/log-store';
import { LogWriter, readLog } from './log-writer.js';

describe('LmdbLogStore in processes that end badly', () => {
  let directory = '';
  let writer: LogWriter | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
  });
  afterEach(async () => {
    await writer?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  it('holds all that was acknowledged after each of many kill -9', async () => {
    let acknowledged = 0;
    let snapshot = 0;
    for (let round = 0; round < 8; round++) {
      writer = LogWriter.start(directory);
      await writer.writing(10 + 97 * round);
      acknowledged = await writer.kill();
      const log = await readLog(directory);
      expect(log.last).toBeGreaterThanOrEqual(acknowledged);
      expect(log.commit).toBe(log.last);
      expect(log.foreign).toEqual([]);
      snapshot = Math.max(snapshot, writer.snapshot);
      expect(log.snapshot).toBeGreaterThanOrEqual(snapshot);
    }
    expect(snapshot).toBeGreaterThan(0);
    expect(acknowledged).toBeGreaterThan(2_000);
  });

  it('is refused to a second process, and taken over from a dead one', async () => {
    writer = LogWriter.start(directory);
    await writer.writing();
    const { pid } = writer;
    const refusal = await LmdbLogStore.open({ directory }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'conflict' });
    expect((refusal as Error).message).toContain(`in use by process ${pid}`);
    await writer.kill();
    const store = await LmdbLogStore.open({ directory });
    await store.close();
  });

  it('R25: fails for good when the file cannot grow, keeps what was acknowledged, and goes on when it can', async () => {
    writer = LogWriter.start(directory, { fileBytesMax: 5 * 1_024 * 1_024 });
    const { code, stdout } = await writer.ended;
    const acknowledged = writer.acknowledged;
    expect(acknowledged).toBeGreaterThan(0);
    expect(writer.lines('failed')).toHaveLength(4);
    expect(stdout).toContain(`failed the log in ${directory} cannot be written: EFBIG: file too large`);
    expect(stdout).toContain('refused');
    // A rejection that nobody handles would have ended it otherwise.
    expect(code).toBe(0);
    const log = await readLog(directory);
    expect(log.last).toBeGreaterThanOrEqual(acknowledged);
    expect(log.foreign).toEqual([]);

    writer = LogWriter.start(directory);
    await writer.writing();
    expect(await writer.kill()).toBeGreaterThan(log.last);
    expect((await readLog(directory)).foreign).toEqual([]);
  });
});
