import { limits } from '@nexus/contracts';
import { Kept, type Stamp } from '@nexus/core/causality';
import { decodeBody, type Encoding } from '@nexus/wire';
import { messageLimits } from '../agent/reading.js';

/** A broadcast as it was on the wire: read again only when somebody missed it. */
export interface KeptBroadcast {
  readonly data: Uint8Array;
  readonly encoding: Encoding;
}

export type BroadcastStore = Kept<KeptBroadcast>;

/** Broadcasts that were sent or delivered on one connection, for those who missed them. */
export const newBroadcastStore = (): BroadcastStore =>
  new Kept({
    channelsMax: limits.frontierChannelsMax,
    messagesMax: 1_024,
    bytesMax: 4 * 1024 * 1024,
    ageMsMax: 60_000,
    sendersMax: limits.frontierEntriesMax,
    // Who else belongs to a channel is not known here: what is kept goes by its age.
    receiversMax: 0,
  });

/** Keeps a broadcast; the second agent that is told the same finds it kept. */
export function keep(store: BroadcastStore, stamp: Stamp, { data, encoding }: KeptBroadcast): void {
  // A copy of its own: what the client hands out is a part of all that arrived with it.
  const copy = { data: data.slice(), encoding };
  store.keep(stamp, copy, { bytes: data.length, nowMs: performance.now() });
}

/** The message; a lease that its sender had on one agent says nothing to another. */
export function readKept({ data, encoding }: KeptBroadcast): Record<string, unknown> {
  const { fencingToken: _, ...message } = decodeBody(data, encoding, messageLimits);
  return message;
}
