import { type Entry, type MemberId, type Snapshot, type Write } from '@nexus/core/raft';

export const members = ['a.1', 'b.1', 'c.1'] as MemberId[] as [MemberId, MemberId, MemberId];

export const command = (index: number, term: number, text: string): Entry => ({
  index,
  term,
  kind: 'command',
  command: Buffer.from(text),
});

export const noop = (index: number, term: number): Entry => ({ index, term, kind: 'noop' });

export const configurationEntry = (index: number, term: number): Entry => ({
  index,
  term,
  kind: 'configuration',
  configuration: { voters: members.slice(0, 2), learners: members.slice(2) },
});

/** Commands with the indexes `first` to `last`, each of its own content. */
export const commands = (first: number, last: number, term = 1): Entry[] =>
  Array.from({ length: last - first + 1 }, (_, n) =>
    command(first + n, term, `command ${first + n} of term ${term}`),
  );

/** A write of what is given, and of nothing else. */
export const aWrite = (write: Partial<Write>): Write => ({ sequence: 1, append: [], ...write });

export const aSnapshot = (index: number, image: Uint8Array, term = 1): Snapshot => ({
  index,
  term,
  configuration: { voters: members, learners: [] },
  image,
});

/** Bytes without a pattern that a chunk could share with another. */
export function anImage(bytes: number): Uint8Array {
  const image = new Uint8Array(bytes);
  for (let n = 0; n < bytes; n++) image[n] = (n * 31 + (n >> 8) * 17 + (n >> 16)) & 0xff;
  return image;
}
