import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlushProbe } from './flush-probe.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-flush-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('FlushProbe', () => {
  it('has measured at least once, however soon it is stopped', async () => {
    const probe = await FlushProbe.start(join(folder, 'probe'));
    const { count, p50Ms, p99Ms, maxMs } = await probe.stop();
    expect(count).toBeGreaterThan(0);
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(maxMs).toBeGreaterThan(0);
  });

  it('says where it cannot measure', async () => {
    await expect(FlushProbe.start(join(folder, 'missing', 'probe'))).rejects.toThrow('ENOENT');
  });
});
