import { idPattern } from '@nexus/contracts';
import { type DecodeLimits, decodeBody, encodeBody, forwardedDepthMax } from '@nexus/wire';

/** Several items of one sender, and whom they concern. */
export interface Batch {
  readonly cluster: string;
  /** The replica that sends it. */
  readonly from: string;
  /** The life of the replica that asked: of the sender in a question, of the receiver in an answer. */
  readonly asker: string;
  readonly items: readonly unknown[];
}

/** More than that in one batch is refused whole. */
export const batchItemsMax = 16_384;
const headBytes = 5;
const array32 = 0xdd;

/** Items are encoded one by one, so that a batch can be filled up to what one message carries. */
export const encodeItem = (item: unknown): Uint8Array => encodeBody(item, 'msgpack');

/** The start of every batch to one receiver: a MessagePack map whose last entry is the array that follows. */
export function encodeHead({ cluster, from, asker }: Omit<Batch, 'items'>): Uint8Array {
  const pack = (value: unknown) => encodeBody(value, 'msgpack');
  const fields = { cluster, from, asker };
  const parts = Object.entries(fields).flatMap(([field, value]) => [pack(field), pack(value)]);
  return Buffer.concat([Uint8Array.of(0x84), ...parts, pack('items')]);
}

export function encodeBatch(head: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  const arrayHead = Buffer.alloc(headBytes);
  arrayHead[0] = array32;
  arrayHead.writeUInt32BE(items.length, 1);
  return Buffer.concat([head, arrayHead, ...items]);
}

/** @throws NexusError when it is malformed */
export function decodeBatch(bytes: Uint8Array, bytesMax: number): Batch | undefined {
  const limits: DecodeLimits = { bytesMax, depthMax: forwardedDepthMax };
  const { cluster, from, asker, items } = decodeBody(bytes, 'msgpack', limits);
  const isBatch =
    typeof cluster === 'string' &&
    typeof from === 'string' &&
    idPattern.test(from) &&
    typeof asker === 'string' &&
    Array.isArray(items) &&
    items.length <= batchItemsMax;
  return isBatch ? { cluster, from, asker, items } : undefined;
}
