import { type Entry } from '@nexus/core/raft';

const imageBytes = 3_000_000;

/** What the log writer writes at an index. */
export const entryAt = (index: number): Entry => ({
  index,
  term: 1,
  kind: 'command',
  command: Buffer.alloc(1 + ((index * 37) % 700), `entry ${index};`),
});

/** The image of its snapshot at an index. */
export const imageAt = (index: number): Uint8Array => Buffer.alloc(imageBytes, `image ${index};`);
