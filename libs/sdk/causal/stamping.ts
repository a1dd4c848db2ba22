import { type AgentMessage, NexusError } from '@nexus/contracts';
import { type Channel, type Stamp } from '@nexus/core/causality';
import { decodeBody, encodeBody, stampOnWire } from '@nexus/wire';
import { messageLimits } from '../agent/reading.js';
import { type CausalOutbox, type Postmark } from './causal-outbox.js';

/** A message that counts as sent. */
export interface StampedLetter {
  readonly stamp: Stamp;
  /** As its receivers read it. */
  readonly message: AgentMessage;
  /** As it goes out, in JSON. */
  readonly body: Uint8Array;
}

/** What the message's own place and event add to what was looked at beforehand, in bytes. */
const ownMarksBytesMax = 512;

/**
 * Stamps a message of the agent's own, and keeps it where it is a broadcast. All that could go wrong goes wrong before it
 * counts: a broadcast that cannot be sent once it has its place would be missed by all.
 * @param channel where it is a broadcast; undefined: it goes to single agents
 * @throws NexusError `invalid_argument` for a payload that JSON cannot express or that is nested too deep,
 * `payload_too_large` over the broker's limit, `overloaded` for a channel too many
 */
export function stampLetter(
  outbox: CausalOutbox,
  channel: Channel | undefined,
  { bytesMax, ...draft }: Omit<AgentMessage, 'clock' | 'causal'> & { readonly bytesMax: number },
): StampedLetter {
  if (channel !== undefined && !outbox.hasRoomFor(channel)) {
    throw new NexusError('overloaded', `the agent sends on too many channels for one more: ${channel}`);
  }
  const preview = encode(draft, outbox.preview());
  if (preview.length > bytesMax - ownMarksBytesMax) {
    const bytes = preview.length;
    throw new NexusError(
      'payload_too_large',
      `the message has ${bytes} bytes; the broker carries ${bytesMax}`,
    );
  }
  // Also what its receivers will see: the agent itself shares no object with whoever sent it.
  const { payload } = decodeBody(preview, 'json', messageLimits);
  const { stamp, clock } = channel === undefined ? outbox.targeted() : outbox.broadcast(channel);
  const message = { ...draft, payload, clock, causal: stampOnWire(stamp) };
  const body = encodeBody(message);
  if (stamp.broadcast) outbox.keep(stamp, body);
  return { stamp, message, body };
}

function encode(draft: Omit<AgentMessage, 'clock' | 'causal'>, { clock, stamp }: Postmark): Uint8Array {
  try {
    return encodeBody({ ...draft, payload: draft.payload ?? null, clock, causal: stampOnWire(stamp) });
  } catch (cause) {
    throw new NexusError('invalid_argument', 'payload: JSON cannot express it', { cause });
  }
}
