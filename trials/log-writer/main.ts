import { writeSync } from 'node:fs';
import { type HardState, type MemberId, type Snapshot } from '@nexus/core/raft';
import { LmdbLogStore } from '@nexus/platform/log-store';
import { entryAt, imageAt } from './content.js';

/**
 * Writes to the log in the directory that it is given until it is killed, or until a write fails, and says so line by
 * line: `holds <last index>`, then `acknowledged <last index>`, `snapshot <index>`, at the end `failed <why>`, and
 * whether the store would go on: `refused`, or `accepted`. The content of an entry, and of an image, follows from its
 * index, so that whoever reads the log knows what must be there.
 */
const writesInFlight = 4;
const entriesKept = 2_000;

/** Synchronously: what was said was said, whatever comes next. */
const say = (line: string) => writeSync(1, `${line}\n`);

const store = await LmdbLogStore.open({ directory: process.argv[2]! });
const { entries, hardState } = await store.load();
let last = entries.at(-1)?.index ?? hardState.commit;
let sequence = 0;
/** Stored ahead; the next write refers to it. */
let staged: Snapshot | null = null;
let isWriting = true;
say(`holds ${last}`);

async function writeOn(): Promise<never> {
  for (;;) {
    const append = Array.from({ length: 1 + (sequence % 5) }, () => entryAt(++last));
    const through = last;
    const commit: HardState = { term: 1, votedFor: null, commit: through };
    sequence++;
    const snapshot = staged;
    staged = null;
    await store.write({
      sequence,
      append,
      hardState: commit,
      ...(snapshot && { snapshot, compactTo: Math.max(0, snapshot.index - entriesKept) }),
    });
    if (snapshot !== null) say(`snapshot ${snapshot.index}`);
    say(`acknowledged ${through}`);
  }
}

/** One image after the other, beside the writes: the next when a write has taken the last. */
async function stageOn(): Promise<void> {
  while (isWriting) {
    await new Promise(setImmediate);
    if (staged !== null) continue;
    const index = last;
    const image = imageAt(index);
    await store.stage(image);
    const configuration = { voters: ['a.1' as MemberId], learners: [] };
    staged = { index, term: 1, configuration, image };
  }
}

const writing = Promise.allSettled(Array.from({ length: writesInFlight }, writeOn));
// Its failure is that of every write.
stageOn().catch(() => undefined);
const outcomes = await writing;
isWriting = false;
for (const outcome of outcomes) {
  if (outcome.status === 'rejected') say(`failed ${(outcome.reason as Error).message}`);
}
const later = await Promise.allSettled([store.write({ sequence: 0, append: [] })]);
say(later[0].status === 'rejected' ? 'refused' : 'accepted');
await store.close();
