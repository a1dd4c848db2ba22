import { type DigestEntry, type KeyChange, type MemberDelta, type Message } from './message.js';

// An upper bound of what a message takes on the wire, for a codec that writes integers seven bits a byte, texts as UTF-8
// behind their length, lists behind their count, and no names of fields.

/** The count of a list of up to two million. */
const countBytes = 3;
/** A kind or a flag. */
const tagBytes = 1;

const integerBytes = (value: number): number => {
  let bytes = 1;
  for (let limit = 0x80; value >= limit && bytes < 8; limit *= 0x80) bytes++;
  return bytes;
};

/** What UTF-8 makes of it; half a surrogate pair becomes the replacement character. */
export const utf8Bytes = (text: string): number => {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    const pair = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (pair) index++;
  }
  return bytes;
};

const textBytes = (text: string): number => {
  const bytes = utf8Bytes(text);
  return bytes + integerBytes(bytes);
};

export const entryBytes = (entry: DigestEntry): number =>
  textBytes(entry.id) +
  tagBytes +
  integerBytes(entry.generation) +
  integerBytes(entry.heartbeat) +
  integerBytes(entry.maxVersion) +
  integerBytes(entry.collectedVersion) +
  integerBytes(entry.viewHash) +
  textBytes(entry.vitals);

export const changeBytes = (change: KeyChange): number =>
  textBytes(change.key) +
  integerBytes(change.version) +
  tagBytes +
  (change.value === null ? 0 : textBytes(change.value));

/** A delta without its changes. */
export const deltaHeaderBytes = (delta: Omit<MemberDelta, 'changes'>): number =>
  textBytes(delta.id) +
  2 * tagBytes +
  countBytes +
  integerBytes(delta.generation) +
  integerBytes(delta.fromVersion) +
  integerBytes(delta.collectedVersion);

const deltaBytes = (delta: MemberDelta): number =>
  delta.changes.reduce((bytes, change) => bytes + changeBytes(change), deltaHeaderBytes(delta));

/** A message without its digest and deltas. */
export const envelopeBytes = (cluster: string): number =>
  5 * tagBytes + textBytes(cluster) + 2 * integerBytes(Number.MAX_SAFE_INTEGER) + 2 * countBytes;

/** An upper bound of the size on the wire; what the budgets count. */
export const messageBytes = (message: Message): number => {
  let bytes = envelopeBytes(message.cluster);
  if ('digest' in message) for (const entry of message.digest) bytes += entryBytes(entry);
  if ('deltas' in message) for (const delta of message.deltas) bytes += deltaBytes(delta);
  return bytes;
};
