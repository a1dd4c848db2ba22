import { type KeptRange } from '@nexus/core/causality';
import { type KeptBroadcast } from './broadcast-store.js';

/** What a reply needs around its messages, in bytes. */
const envelopeBytes = 64;
const comma = Buffer.from(',');

/** A reply, in JSON, with as many of the messages as fit; undefined when there is nothing to tell. */
export function writtenReply(
  { messages, keptFrom }: KeptRange<KeptBroadcast>,
  bytesMax: number,
): Uint8Array | undefined {
  const fitting: Uint8Array[] = [];
  let bytes = envelopeBytes;
  for (const { json } of messages) {
    bytes += json.length + 1;
    if (bytes > bytesMax) break;
    fitting.push(comma, json);
  }
  const isNothing = messages.length === 0 && keptFrom === undefined;
  if (isNothing || envelopeBytes > bytesMax || fitting.length < Math.min(1, messages.length))
    return undefined;
  const oldest = keptFrom === undefined ? '' : `,"keptFrom":${keptFrom}`;
  const [head, tail] = [Buffer.from('{"messages":['), Buffer.from(`]${oldest}}`)];
  return Buffer.concat([head, ...fitting.slice(1), tail]);
}
