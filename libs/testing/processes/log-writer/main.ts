import { writeSync } from 'node:fs';
import { type Entry, type HardState } from '@nexus/core/raft';
import { LmdbLogStore } from '@nexus/platform/log-store';

/**
 * Writes to the log in the directory that it is given until it is killed, or until a write fails, and says so line by
 * line: `holds <last index>`, then `acknowledged <last index>`, and at the end `failed <why>`. The content of an entry
 * follows from its index, so that whoever reads the log knows what must be there.
 */
const writesInFlight = 4;
const entriesKept = 2_000;
const compactEvery = 500;

const entryAt = (index: number): Entry => ({
  index,
  term: 1,
  kind: 'command',
  command: Buffer.alloc(1 + ((index * 37) % 700), `entry ${index};`),
});

/** Synchronously: what was said was said, whatever comes next. */
const say = (line: string) => writeSync(1, `${line}\n`);

const store = await LmdbLogStore.open({ directory: process.argv[2]! });
const { entries, hardState } = await store.load();
let last = entries.at(-1)?.index ?? hardState.commit;
let sequence = 0;
say(`holds ${last}`);

async function writeOn(): Promise<never> {
  for (;;) {
    const append = Array.from({ length: 1 + (sequence % 5) }, () => entryAt(++last));
    const through = last;
    const commit: HardState = { term: 1, votedFor: null, commit: through };
    const compactTo = through - entriesKept;
    sequence++;
    await store.write({
      sequence,
      append,
      hardState: commit,
      ...(sequence % compactEvery === 0 && compactTo > 0 ? { compactTo } : {}),
    });
    say(`acknowledged ${through}`);
  }
}

const outcomes = await Promise.allSettled(Array.from({ length: writesInFlight }, writeOn));
for (const outcome of outcomes) {
  if (outcome.status === 'rejected') say(`failed ${(outcome.reason as Error).message}`);
}
const later = await Promise.allSettled([store.write({ sequence: 0, append: [] })]);
say(later[0].status === 'rejected' ? 'refused' : 'accepted');
await store.close();
