import { limits } from '@nexus/contracts';
import { type ReceiverOptions } from '@nexus/core/causality';

/** Times in milliseconds, sizes in bytes. */
const settings = {
  heldBytesMax: 8 * 1024 * 1024,
  sendersMax: limits.frontierEntriesMax,
  aheadMax: 4_096,
  repairAfterMs: 150,
  // All tries together outlast a sender's return to the broker.
  repairEveryMs: 500,
  repairsMax: 10,
  syncMs: 250,
  // A machine under load answers late; what nobody told of would be asked for from its beginning.
  syncMsMax: 1_000,
  forgetAfterMs: 120_000,
} as const;

/** How an agent receives: bounded in what it holds, and in how long it waits for what is lost. */
export const receiverOptions = (
  own: Pick<ReceiverOptions, 'channels' | 'heldMax' | 'self'>,
): ReceiverOptions => ({ ...settings, ...own });
