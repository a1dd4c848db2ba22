import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as jestGlobals from '@jest/globals';
import { type Entry, type MemberId, type Snapshot, type Write } from '@nexus/core/raft';
import { writeEntries } from '@nexus/platform/raft-codec';
import { describeLogStore } from '@nexus/testing';
import { ByteWriter } from '@nexus/wire';
import { LmdbFile } from './lmdb-file.js';
import { logPath } from './log-file.js';
import { LmdbLogStore } from './lmdb-log-store.js';
import { crcBytes, entriesKey, headKey, seal, sealJson, storeKey } from './record.js';
import { storeFormat } from './store-id.js';
import { blankHardState } from './stored-head.js';

const { afterEach, beforeEach, describe, expect, it } = jestGlobals;

describeLogStore(jestGlobals, 'LmdbLogStore', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
  return {
    open: () => LmdbLogStore.open({ directory }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

describe('LmdbLogStore', () => {
  let directory = '';
  let sequence = 0;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const open = async (bytesMax?: number) => {
    const store = await LmdbLogStore.open({ directory, ...(bytesMax === undefined ? {} : { bytesMax }) });
    return { store, state: await store.load() };
  };

  const aWrite = (write: Partial<Write>): Write => ({ sequence: ++sequence, append: [], ...write });

  const entryAt = (index: number, bytes = 10): Entry => ({
    index,
    term: 1,
    kind: 'command',
    command: Buffer.alloc(bytes, index),
  });

  const snapshotAt = (index: number, bytes: number): Snapshot => ({
    index,
    term: 1,
    configuration: { voters: ['a.1' as MemberId], learners: [] },
    image: Buffer.alloc(bytes, index),
  });

  it('makes the directory, and begins anew in one that was moved away', async () => {
    directory = join(directory, 'data', 'log');
    const { store } = await open();
    const { storeId } = store;
    await store.close();
    await rm(directory, { recursive: true });
    const { store: anew } = await open();
    expect(anew.storeId).not.toBe(storeId);
    await anew.close();
  });

  it('says why a directory cannot be used', async () => {
    directory = '/proc/nowhere';
    await expect(open()).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('fails for good when another process writes to the file in spite of the lock', async () => {
    const { store } = await open();
    await store.write(aWrite({ append: [entryAt(1)] }));
    await rm(join(directory, 'run'), { recursive: true });
    const { store: intruder } = await open();
    await intruder.write(aWrite({ append: [entryAt(2)] }));

    const refusal = {
      code: 'unavailable',
      message: expect.stringContaining('another process has written to it'),
    };
    await expect(store.write(aWrite({ append: [entryAt(2)] }))).rejects.toMatchObject(refusal);
    await expect(store.write(aWrite({}))).rejects.toMatchObject(refusal);
    await store.close();
    await intruder.close();
    const { store: next, state } = await open();
    expect(state.entries).toEqual([entryAt(1), entryAt(2)]);
    await next.close();
  });

  it('fails for good when the log exceeds its limit, and goes on under a larger one', async () => {
    const { store } = await open(100_000);
    await store.write(aWrite({ append: [entryAt(1, 90_000)] }));
    const refusal = { code: 'unavailable', message: expect.stringContaining('exceed the limit of 100000') };
    await expect(store.write(aWrite({ append: [entryAt(2, 20_000)] }))).rejects.toMatchObject(refusal);
    await expect(store.write(aWrite({}))).rejects.toMatchObject(refusal);
    await store.close();
    const { store: larger, state } = await open(200_000);
    expect(state.entries).toEqual([entryAt(1, 90_000)]);
    await larger.write(aWrite({ append: [entryAt(2, 20_000)] }));
    await larger.close();
  });

  it('uses the space of what was compacted again', async () => {
    const { store } = await open();
    let last = 0;
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 40; n++) {
        await store.write(aWrite({ append: Array.from({ length: 10 }, () => entryAt(++last, 1_000)) }));
      }
      await store.write(aWrite({ compactTo: last - 50, snapshot: snapshotAt(last - 50, 200_000) }));
      sizes.push((await stat(logPath(directory))).size);
    }
    await store.close();
    expect(sizes.at(-1)).toBeLessThan(2 * sizes[1]!);
  });

  it('lets writes pass an image that is being staged', async () => {
    const { store } = await open();
    let isStaged = false;
    const image = Buffer.alloc(30 * 1_024 * 1_024, 'image');
    const staged = store.stage(image).then(() => (isStaged = true));
    let last = 0;
    while (!isStaged) await store.write(aWrite({ append: [entryAt(++last)] }));
    await staged;
    // A part is half a megabyte, and a write goes between two of them.
    expect(last).toBeGreaterThan(50);
    await store.close();
  });

  it('leaves nothing of an image behind, taken or not, and nothing of the log below it', async () => {
    const keys = async () => {
      const file = await LmdbFile.open(logPath(directory));
      const found = file.chunkKeys().length + [...file.entries()].length;
      await file.close();
      return found;
    };
    let { store } = await open();
    const image = Buffer.alloc(5_000_000, 'image');
    for (let index = 1; index <= 700; index++) await store.write(aWrite({ append: [entryAt(index)] }));
    const abandoned = expect(store.stage(image)).rejects.toMatchObject({ code: 'unavailable' });
    await store.write(
      aWrite({ snapshot: snapshotAt(650, 4_000_000), compactTo: 600, append: [entryAt(701)] }),
    );
    await store.close();
    await abandoned;
    expect(await keys()).toBeGreaterThan(62 + 101);

    ({ store } = await open());
    // In the order in which it was begun: after what the start had found.
    await store.stage(image);
    await store.close();
    ({ store } = await open());
    await store.stage(Buffer.alloc(0));
    await store.close();
    expect(await keys()).toBe(62 + 101);
  });

  it('compacts away as many records as there may be, one for each entry', async () => {
    const { store: blank } = await open();
    const { storeId } = blank;
    await blank.close();
    const last = 200_000;
    const writer = new ByteWriter();
    const records = Array.from({ length: last }, (_, n) => {
      const key = entriesKey(n + 1);
      writeEntries(writer.raw(new Uint8Array(crcBytes)), [{ kind: 'noop', index: n + 1, term: 1 }]);
      return { key, value: seal(key, writer.take()) };
    });
    await rm(logPath(directory));
    const file = await LmdbFile.open(logPath(directory));
    const head = { transaction: 1, hardState: blankHardState, bounds: { first: 1, last } };
    const identity = { key: storeKey, value: sealJson(storeKey, { format: storeFormat, storeId }) };
    file.initialise([identity, ...records], sealJson(headKey, head));
    await file.close();

    const { store } = await open();
    await store.write(aWrite({ compactTo: last - 10, snapshot: snapshotAt(last - 10, 10) }));
    await store.write(aWrite({ append: [entryAt(last + 1)] }));
    await store.close();
    const { store: next, state } = await open();
    expect(state.entries.map(({ index }) => index)).toEqual(
      Array.from({ length: 11 }, (_, n) => last - 9 + n),
    );
    await next.close();
  });

  it('takes a snapshot of many chunks at once, and gives the space back at the next start', async () => {
    const { store } = await open();
    const { storeId } = store;
    const large = snapshotAt(5, 70 * 1_024 * 1_024);
    await store.write(aWrite({ snapshot: large, append: [entryAt(1)] }));
    await store.close();

    const { store: second, state } = await open();
    expect(Buffer.compare(state.snapshot!.image, large.image)).toBe(0);
    await second.write(aWrite({ snapshot: snapshotAt(6, 1_000), append: [entryAt(2)] }));
    await second.close();
    expect((await stat(logPath(directory))).size).toBeGreaterThan(large.image.length);

    const { store: third, state: small } = await open();
    expect((await stat(logPath(directory))).size).toBeLessThan(100_000);
    expect(third.storeId).toBe(storeId);
    expect(small).toMatchObject({ snapshot: snapshotAt(6, 1_000), entries: [entryAt(1), entryAt(2)] });
    await third.write(aWrite({ append: [entryAt(3)] }));
    await third.close();
    const { store: fourth, state: after } = await open();
    expect(after.entries).toEqual([entryAt(1), entryAt(2), entryAt(3)]);
    await fourth.close();
  });
});
