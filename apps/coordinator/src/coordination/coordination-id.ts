import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';

/** Random bytes drawn at once: a ULID takes one a character, and a call of the generator costs far more than a byte. */
const poolBytes = 4_096;

const pool = Buffer.alloc(poolBytes);
let used = poolBytes;

/** The name of a new coordination: a ULID, so that names sort by time and two coordinators never choose the same. */
export const newCoordinationId = (): string => ulid(undefined, nextFraction);

/** Uniform over 256 steps of 0 to 1, of which a character needs 32. */
function nextFraction(): number {
  if (used === poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++]! / 256;
}
