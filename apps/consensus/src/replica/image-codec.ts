import {
  type ImageNumbers,
  type ImageRun,
  ReplicatedState,
  type StateCapture,
} from '@nexus/core/replicated-state';
import { messagePack } from './message-pack.js';

/** What is written, or read, of a table at a stretch, so that heartbeats go on beside a large image. */
const bytesAtOnce = 128 * 1_024;
const lengthBytes = 4;

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

/**
 * Restores what `encodeImage` wrote, a run of rows at each step; a checksum has vouched for it. No bytes: the state
 * before the first entry.
 */
export function* restoreState(image: Uint8Array): Generator<void, ReplicatedState> {
  if (image.length === 0) return new ReplicatedState();
  const parts = partsOf(image);
  const numbers = parts.next().value as ImageNumbers;
  return yield* ReplicatedState.restoreInSteps(numbers, runsIn(parts));
}

/** For who has nothing else to do meanwhile. */
export function restoreStateAtOnce(image: Uint8Array): ReplicatedState {
  const steps = restoreState(image);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

function* runsIn(parts: Iterable<unknown>): Generator<ImageRun> {
  for (const part of parts) {
    const [table, rows] = part as readonly [ImageRun['table'], ImageRun['rows']];
    yield { table, rows } as ImageRun;
  }
}

function* partsOf(image: Uint8Array): Generator<unknown, undefined> {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  for (let at = 0; at < bytes.length;) {
    const from = at + lengthBytes;
    at = from + bytes.readUInt32LE(at);
    yield messagePack.unpack(bytes.subarray(from, at));
  }
  return undefined;
}

function partOf(value: unknown): Buffer {
  const content = messagePack.pack(value);
  const part = Buffer.allocUnsafe(lengthBytes + content.length);
  part.writeUInt32LE(content.length);
  part.set(content, lengthBytes);
  return part;
}
