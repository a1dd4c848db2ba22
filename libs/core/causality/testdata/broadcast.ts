import { type Frontiers, type ReceiverInput, type SenderId, type Stamp } from '../index.js';

/** Frontiers in the form that is easy to read. */
export type After = Record<string, Record<SenderId, number>>;

export const frontiersOf = (after: After): Frontiers =>
  new Map(Object.entries(after).map(([channel, frontier]) => [channel, new Map(Object.entries(frontier))]));

/** A broadcast on `all`, with its own earlier ones in its stamp; what it says is the letter of its sender and its number. */
export function broadcast(sender: SenderId, sequence: number, after: After = {}): ReceiverInput<string> {
  const own = sequence > 1 ? { [sender]: sequence - 1 } : {};
  const stamp: Stamp = {
    sender,
    broadcast: { channel: 'all', sequence },
    after: frontiersOf({ ...after, all: { ...after['all'], ...own } }),
  };
  return { kind: 'message', stamp, message: `${sender[0]}${sequence}`, bytes: 10 };
}
