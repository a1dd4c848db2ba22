import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { type DurableState, type Entry, type MemberId } from '@nexus/core/raft';
import * as fc from 'fast-check';
import { logPath } from './log-file.js';
import { LmdbLogStore } from './lmdb-log-store.js';

const entry = (index: number, bytes: number): Entry => ({
  index,
  term: 1,
  kind: 'command',
  command: Buffer.alloc(bytes, `entry ${index};`),
});

/** A log with all that a log can have: void entries, several levels of pages, large values, free pages, a snapshot. */
async function writeSample(directory: string): Promise<void> {
  const store = await LmdbLogStore.open({ directory });
  await store.load();
  let index = 0;
  for (let sequence = 1; sequence <= 300; sequence++) {
    const isCut = sequence % 7 === 0;
    if (isCut) index -= 2;
    const append = Array.from({ length: 4 }, () => entry(++index, sequence % 11 === 0 ? 5_000 : 60));
    await store.write({
      sequence,
      append,
      hardState: { term: sequence, votedFor: null, commit: index - 4 },
      ...(isCut ? { truncateFrom: append[0]!.index } : {}),
      ...(sequence % 60 === 0 ? snapshotAt(index - 100) : {}),
    });
  }
  await store.close();
}

const snapshotAt = (index: number) => ({
  compactTo: index - 20,
  snapshot: {
    index,
    term: 1,
    configuration: { voters: ['a.1' as MemberId], learners: [] },
    image: Buffer.alloc(100_000, index),
  },
});

/** All of a state: comparing it value by value takes Jest far longer than reading it. */
const fingerprint = (state: DurableState): string =>
  createHash('sha256').update(serialize(state)).digest('hex');

/** Without the zeros at the end: damage to them would prove nothing. */
const withoutReserve = (bytes: Buffer): Buffer => {
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return bytes.subarray(0, Math.ceil(used / 4_096) * 4_096);
};

describe('R25: a damaged log', () => {
  let directory = '';
  let path = '';
  let whole: Buffer;
  let expected = '';

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
    path = logPath(directory);
    await writeSample(directory);
    whole = withoutReserve(await readFile(path));
    await writeFile(path, whole);
    expected = await read();
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const read = async () => {
    const store = await LmdbLogStore.open({ directory });
    try {
      return fingerprint(await store.load());
    } finally {
      await store.close();
    }
  };

  /** Either all is as it was, or nothing is handed out. */
  const expectIntactOrRefused = async () => {
    const outcome = await read().catch((error: unknown) => error);
    if (outcome instanceof NexusError) {
      expect(outcome.code).toBe('internal');
      expect(outcome.message).toContain('move the directory away');
    } else {
      expect(outcome).toBe(expected);
    }
    return outcome instanceof NexusError;
  };

  const flipped = (at: number, bit: number) => {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << bit;
    return bytes;
  };

  it('is refused, or was damaged where nothing is, after any bit is flipped', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        await writeFile(path, flipped(at, bit));
        await expectIntactOrRefused();
      }),
      { numRuns: 60 },
    ));

  it('is refused, or was damaged where nothing is, after a bit that says where things are', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(whole.length / 4_096 - 1), fc.nat(160), fc.nat(7), async (page, at, bit) => {
        await writeFile(path, flipped(page * 4_096 + at, bit));
        await expectIntactOrRefused();
      }),
      { numRuns: 60 },
    ));

  it('never falls back to the state before the last transaction', async () => {
    let refused = 0;
    for (const page of [0, 1]) {
      // The number of the transaction, and where its pages are.
      for (let at = 40; at < 160; at += 3) {
        await writeFile(path, flipped(page * 4_096 + at, at % 8));
        if (await expectIntactOrRefused()) refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('is refused after it was cut off, at any place where something is', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        await writeFile(path, whole);
        await truncate(path, length);
        await expectIntactOrRefused();
      }),
      { numRuns: 30 },
    ));

  it('is refused when it is empty: a log that is new has no such file', async () => {
    await writeFile(path, '');
    await expect(read()).rejects.toMatchObject({ code: 'internal' });
  });

  it('is left as it is, and readable again once it is repaired', async () => {
    const damaged = flipped(24, 0);
    await writeFile(path, damaged);
    await expect(read()).rejects.toMatchObject({ code: 'internal' });
    expect(Buffer.compare(await readFile(path), damaged)).toBe(0);
    await writeFile(path, whole);
    expect(await read()).toBe(expected);
  });
});
