import { createHash } from 'node:crypto';
import { idPattern, NexusError } from '@nexus/contracts';

/**
 * Builds the keys of one deployment. All lie under one hash tag, `{<prefix>}:`, so that a script may touch several of
 * them on a Redis cluster too, and so that one pattern in an access list covers them.
 */
export class RedisKeys {
  /** What every key starts with. */
  readonly root: string;

  /** @throws NexusError `invalid_argument` when the prefix is no id */
  constructor(prefix: string) {
    this.root = `{${id(prefix)}}:`;
  }

  /**
   * The key of these parts, joined by colons.
   * @throws NexusError `invalid_argument` when a part has any character outside `[A-Za-z0-9_-]`
   */
  of(...parts: readonly [string, ...string[]]): string {
    return this.root + parts.map(id).join(':');
  }

  /** A key for text that is no id, as what a stranger chose: the text's hash stands for it. */
  hashed(kind: string, ...texts: readonly string[]): string {
    const hash = createHash('sha256');
    // Lengths keep ('a', 'bc') and ('ab', 'c') apart.
    for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
    return this.of(kind, hash.digest('hex'));
  }
}

function id(part: string): string {
  if (idPattern.test(part)) return part;
  throw new NexusError('invalid_argument', 'a part of a key: 1 to 64 of A-Z a-z 0-9 _ -');
}
