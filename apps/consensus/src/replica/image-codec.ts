import { type ImageRun, type StateCapture, type StateImage } from '@nexus/core/replicated-state';
import { messagePack } from './message-pack.js';

/** What is written, or read, of a table at a stretch, so that heartbeats go on beside a large image. */
const bytesAtOnce = 128 * 1_024;
const lengthBytes = 4;

type Tables = ImageRun['table'];

/**
 * Writes an image as a sequence of MessagePack values, each after its length in bytes, a few at each step: the numbers
 * first, then runs of rows, each under the name of its table.
 */
export function* encodeImage(state: StateCapture): Generator<void, Uint8Array> {
  const parts: Uint8Array[] = [partOf(state.numbers)];
  for (const { table, rows } of state.runs(bytesAtOnce)) {
    yield;
    parts.push(partOf([table, rows]));
  }
  return Buffer.concat(parts);
}

/** Reads what `encodeImage` wrote, a run at each step; a checksum has vouched for it. */
export function* decodeImage(image: Uint8Array): Generator<void, StateImage> {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  const rows: Record<Tables, unknown[]> = { keys: [], leases: [], elections: [], sessions: [], requests: [] };
  let numbers: StateImage | undefined;
  for (let at = 0; at < bytes.length;) {
    const from = at + lengthBytes;
    at = from + bytes.readUInt32LE(at);
    const value: unknown = messagePack.unpack(bytes.subarray(from, at));
    if (numbers === undefined) {
      numbers = value as StateImage;
      continue;
    }
    const [table, run] = value as readonly [Tables, readonly unknown[]];
    for (const row of run) rows[table].push(row);
    yield;
  }
  return { ...numbers, ...rows } as StateImage;
}

/** For who has nothing else to do meanwhile. */
export function decodeImageAtOnce(image: Uint8Array): StateImage {
  const steps = decodeImage(image);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

function partOf(value: unknown): Buffer {
  const content = messagePack.pack(value);
  const part = Buffer.allocUnsafe(lengthBytes + content.length);
  part.writeUInt32LE(content.length);
  part.set(content, lengthBytes);
  return part;
}
