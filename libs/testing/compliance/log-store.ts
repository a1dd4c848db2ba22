import type * as jestGlobals from '@jest/globals';
import { type LogStore } from '@nexus/core/raft';
import {
  aSnapshot,
  aWrite,
  anImage,
  command,
  commands,
  configurationEntry,
  members,
  noop,
} from './log-samples.js';

/** Where a store keeps what outlives it. */
export interface LogStoreMedium {
  /** Opens the store again and again on the same content. */
  open(): Promise<LogStore>;
  dispose(): Promise<void>;
}

/** The spec hands in its own: outside Jest, where this lib is used too, they cannot be imported. */
export type SpecGlobals = Pick<typeof jestGlobals, 'afterEach' | 'beforeEach' | 'describe' | 'expect' | 'it'>;

/** What every `LogStore` must do. */
export function describeLogStore(
  { afterEach, beforeEach, describe, expect, it }: SpecGlobals,
  name: string,
  createMedium: () => Promise<LogStoreMedium>,
): void {
  describe(`${name} as a LogStore`, () => {
    let medium: LogStoreMedium;
    let store: LogStore;

    beforeEach(async () => {
      medium = await createMedium();
      store = await medium.open();
    });
    afterEach(async () => {
      await store.close();
      await medium.dispose();
    });

    const reopen = async () => {
      await store.close();
      store = await medium.open();
      return store.load();
    };

    describe('when it was never written', () => {
      it('is blank, and blank again', async () => {
        const blank = { hardState: { term: 0, votedFor: null, commit: 0 }, snapshot: null, entries: [] };
        expect(await store.load()).toEqual(blank);
        expect(await reopen()).toEqual(blank);
      });

      it('has an identity that it keeps, and that no other has', async () => {
        const { storeId } = store;
        expect(storeId).toMatch(/^[a-z0-9]+$/);
        await reopen();
        expect(store.storeId).toBe(storeId);
        const other = await createMedium();
        const stranger = await other.open();
        expect(stranger.storeId).not.toBe(storeId);
        await stranger.close();
        await other.dispose();
      });
    });

    it('gives back entries of every kind', async () => {
      await store.load();
      const append = [configurationEntry(1, 1), noop(2, 2), command(3, 2, 'x'), command(4, 2 ** 40, '')];
      await store.write(aWrite({ append }));
      expect((await reopen()).entries).toEqual(append);
    });

    it('keeps the last hard state, with entries and without', async () => {
      await store.load();
      await store.write(aWrite({ hardState: { term: 3, votedFor: members[1], commit: 0 } }));
      await store.write(aWrite({ append: commands(1, 2) }));
      await store.write(aWrite({ hardState: { term: 4, votedFor: null, commit: 2 } }));
      expect((await reopen()).hardState).toEqual({ term: 4, votedFor: null, commit: 2 });
    });

    it('removes entries from the first void one on, within what was written at once', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      await store.write(aWrite({ truncateFrom: 4, append: commands(4, 5, 2) }));
      expect((await reopen()).entries).toEqual([...commands(1, 3), ...commands(4, 5, 2)]);
    });

    it('removes entries without a successor, and goes on there', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      await store.write(aWrite({ truncateFrom: 4 }));
      expect((await reopen()).entries).toEqual(commands(1, 3));
      await store.write(aWrite({ append: commands(4, 4, 7) }));
      expect((await reopen()).entries).toEqual([...commands(1, 3), ...commands(4, 4, 7)]);
    });

    it('removes all entries', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      await store.write(aWrite({ truncateFrom: 1 }));
      expect((await reopen()).entries).toEqual([]);
    });

    it('removes compacted entries, within what was written at once', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      await store.write(aWrite({ append: commands(11, 12) }));
      await store.write(aWrite({ compactTo: 4 }));
      expect((await reopen()).entries).toEqual(commands(5, 12));
      await store.write(aWrite({ compactTo: 10, truncateFrom: 12, append: commands(12, 12, 9) }));
      expect((await reopen()).entries).toEqual([...commands(11, 11), ...commands(12, 12, 9)]);
    });

    it('compacts nothing twice', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10), compactTo: 0 }));
      await store.write(aWrite({ compactTo: 6 }));
      await store.write(aWrite({ compactTo: 3 }));
      expect((await reopen()).entries).toEqual(commands(7, 10));
    });

    it('replaces its snapshot, larger or smaller', async () => {
      await store.load();
      for (const [index, bytes] of [
        [0, 0],
        [7, 1_000_000],
        [7, 70_000],
        [9, 65_536],
        [12, 10],
      ] as const) {
        const snapshot = aSnapshot(index, anImage(bytes));
        await store.write(aWrite({ snapshot }));
        const state = await reopen();
        expect(state.snapshot).toMatchObject({ index, term: 1, configuration: snapshot.configuration });
        expect(Buffer.compare(state.snapshot!.image, snapshot.image)).toBe(0);
      }
    });

    it('takes the image of a snapshot that was staged before', async () => {
      await store.load();
      for (const [index, bytes] of [
        [3, 3_000_000],
        [5, 1_000],
        [9, 2_000_000],
      ] as const) {
        const image = anImage(bytes);
        await store.stage(image);
        await store.write(aWrite({ snapshot: aSnapshot(index, image) }));
        const { snapshot } = await reopen();
        expect(snapshot!.index).toBe(index);
        expect(Buffer.compare(snapshot!.image, image)).toBe(0);
      }
    });

    it('stages beside its writes, and takes nothing that is staged for stored', async () => {
      await store.load();
      const kept = aSnapshot(2, anImage(300_000));
      await store.write(aWrite({ snapshot: kept }));
      const staged = store.stage(anImage(2_000_000));
      const writes = [1, 2, 3, 4].map((index) => store.write(aWrite({ append: commands(index, index) })));
      await Promise.all([staged, ...writes]);
      await store.stage(anImage(5_000));
      const { snapshot, entries } = await reopen();
      expect(Buffer.compare(snapshot!.image, kept.image)).toBe(0);
      expect(entries).toEqual(commands(1, 4));
    });

    it('stores a snapshot whose image is not the one that is staged', async () => {
      await store.load();
      await store.stage(anImage(700_000));
      const other = aSnapshot(4, anImage(900_000).reverse());
      await store.write(aWrite({ snapshot: other, append: commands(1, 4) }));
      expect(Buffer.compare((await reopen()).snapshot!.image, other.image)).toBe(0);
    });

    it('gives up staging when it closes', async () => {
      await store.load();
      const image = anImage(4_000_000);
      const staged = store.stage(image).catch((error: unknown) => error);
      await reopen();
      expect(await staged).toMatchObject({ code: 'unavailable' });
      await store.stage(image);
      await store.write(aWrite({ snapshot: aSnapshot(1, image) }));
      expect(Buffer.compare((await reopen()).snapshot!.image, image)).toBe(0);
    });

    it('starts over from a snapshot that lies beyond its log', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      const snapshot = aSnapshot(100, anImage(9), 5);
      await store.write(aWrite({ snapshot, compactTo: 100, truncateFrom: 1 }));
      await store.write(aWrite({ append: commands(101, 103, 5) }));
      const state = await reopen();
      expect(state.snapshot).toMatchObject({ index: 100, term: 5 });
      expect(state.entries).toEqual(commands(101, 103, 5));
    });

    it('keeps entries below the snapshot that were not compacted', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 10) }));
      await store.write(aWrite({ snapshot: aSnapshot(8, anImage(9)), compactTo: 5 }));
      expect((await reopen()).entries).toEqual(commands(6, 10));
    });

    it('takes many writes at once, resolves them in order, and keeps them all', async () => {
      await store.load();
      const resolved: number[] = [];
      const writes = Array.from({ length: 500 }, (_, n) =>
        store
          .write(
            aWrite({
              sequence: n + 1,
              append: commands(n + 1, n + 1),
              hardState: { term: 1, votedFor: null, commit: n },
            }),
          )
          .then(() => resolved.push(n)),
      );
      await Promise.all(writes);
      expect(resolved).toEqual(resolved.toSorted((a, b) => a - b));
      const state = await reopen();
      expect(state.entries).toEqual(commands(1, 500));
      expect(state.hardState.commit).toBe(499);
    });

    it('applies what waits for each other as if one came after the other', async () => {
      await store.load();
      await Promise.all([
        store.write(aWrite({ append: commands(1, 5) })),
        store.write(aWrite({ append: commands(6, 9) })),
        store.write(aWrite({ truncateFrom: 8, append: commands(8, 12, 2) })),
        store.write(aWrite({ compactTo: 7 })),
        store.write(aWrite({ truncateFrom: 11 })),
        store.write(aWrite({ append: commands(11, 11, 3) })),
      ]);
      expect((await reopen()).entries).toEqual([...commands(8, 10, 2), ...commands(11, 11, 3)]);
    });

    it('finishes what was begun before it closes', async () => {
      await store.load();
      const writes = [
        store.write(aWrite({ append: commands(1, 3) })),
        store.write(aWrite({ append: commands(4, 6) })),
      ];
      const { entries } = await reopen();
      await Promise.all(writes);
      expect(entries).toEqual(commands(1, 6));
    });

    it('refuses to write once it is closed', async () => {
      await store.load();
      await store.close();
      await expect(store.write(aWrite({ append: commands(1, 1) }))).rejects.toMatchObject({
        code: 'unavailable',
      });
      store = await medium.open();
    });

    it('is held by one at a time', async () => {
      await expect(medium.open()).rejects.toMatchObject({ code: 'conflict' });
    });

    it('does not take a write that leaves a gap or overlaps', async () => {
      await store.load();
      await store.write(aWrite({ append: commands(1, 3) }));
      expect(() => store.write(aWrite({ append: commands(5, 5) }))).toThrow('entry 5 follows 3');
      expect(() => store.write(aWrite({ append: commands(3, 3) }))).toThrow('entry 3 follows 3');
      expect((await reopen()).entries).toEqual(commands(1, 3));
    });
  });
}
