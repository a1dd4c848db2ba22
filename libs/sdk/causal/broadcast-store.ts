import { limits } from '@nexus/contracts';
import { Kept, type Stamp } from '@nexus/core/causality';
import { decodeBody, encodeBody, type Encoding } from '@nexus/wire';
import { messageLimits } from '../agent/reading.js';

/** A broadcast, as it was on the wire until somebody missed it; from then on as it is told again. */
export class KeptBroadcast {
  private isTold = false;

  constructor(
    private data: Uint8Array,
    private readonly encoding: Encoding,
  ) {}

  /**
   * As it is told again, in JSON; read and written once, however many ask for it. Without the lease that its sender had on
   * one agent, which says nothing to another.
   */
  get json(): Uint8Array {
    if (!this.isTold) {
      const { fencingToken: _, ...message } = decodeBody(this.data, this.encoding, messageLimits);
      this.data = encodeBody(message);
      this.isTold = true;
    }
    return this.data;
  }

  /** The message; each call makes one of its own. */
  read(): Record<string, unknown> {
    return decodeBody(this.json, 'json', messageLimits);
  }
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
export function keep(
  store: BroadcastStore,
  stamp: Stamp,
  { data, encoding }: { readonly data: Uint8Array; readonly encoding: Encoding },
): void {
  // A copy of its own: what the client hands out is a part of all that arrived with it.
  const copy = new KeptBroadcast(new Uint8Array(data), encoding);
  store.keep(stamp, copy, { bytes: data.length, nowMs: performance.now() });
}
