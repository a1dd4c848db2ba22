import { type Refused, refused } from './outcome.js';
import { type Turn } from './turn.js';

/** Whether it is a time to live that the clock of the log can be moved by. The bounds that people meet are the edge's. */
export function isTtl(ttlMs: number): boolean {
  return Number.isSafeInteger(ttlMs) && ttlMs > 0;
}

export function unfitTtl(turn: Turn): Refused {
  return refused(turn, 'invalid_argument', 'must be a whole number of milliseconds above 0', {
    path: 'command.ttlMs',
  });
}
