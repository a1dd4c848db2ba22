import { Buffer } from 'node:buffer';
import { NexusError } from '@nexus/contracts';
import { type Configuration, type Entry, type MemberId } from '@nexus/core/raft';
import { ByteReader, varintBytesMax, writeVarint } from './varint.js';

/**
 * Consecutive entries as bytes, for the disk and for the wire:
 *
 *     first index · count · (kind · term · length · payload) × count
 *
 * All numbers are varints, the kind is one byte. A command is its own payload, a configuration is JSON: there is one in
 * a million entries, and it stays readable.
 */
const noop = 1;
const command = 2;
const configuration = 3;

const nothing = new Uint8Array(0);
const headBytesMax = 2 * varintBytesMax;
const entryHeadBytesMax = 1 + 2 * varintBytesMax;

/**
 * @param entries consecutive, at least one
 * @param headroom bytes left free at the front, for whoever adds a header of its own
 */
export function encodeEntries(entries: readonly Entry[], headroom = 0): Buffer {
  const payloads = entries.map(payloadOf);
  const payloadBytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  const bytes = Buffer.allocUnsafe(
    headroom + headBytesMax + entries.length * entryHeadBytesMax + payloadBytes,
  );
  let at = writeVarint(bytes, headroom, entries[0]?.index ?? 0);
  at = writeVarint(bytes, at, entries.length);
  entries.forEach((entry, n) => {
    const payload = payloads[n]!;
    bytes[at++] = kindByte(entry);
    at = writeVarint(bytes, at, entry.term);
    at = writeVarint(bytes, at, payload.length);
    bytes.set(payload, at);
    at += payload.length;
  });
  return bytes.subarray(0, at);
}

/**
 * The entries that `encodeEntries` made bytes of. Commands are views of `bytes`, not copies.
 * @throws NexusError `invalid_argument` when the bytes are none of its
 */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  const reader = new ByteReader(bytes);
  const firstIndex = reader.varint();
  const count = reader.varint();
  const entries: Entry[] = [];
  for (let n = 0; n < count; n++) entries.push(readEntry(reader, firstIndex + n));
  reader.expectEnd();
  return entries;
}

/** One entry by itself. */
export const encodeEntry = (entry: Entry): Buffer => encodeEntries([entry]);

/** @throws NexusError `invalid_argument` when the bytes are not of exactly one entry */
export function decodeEntry(bytes: Uint8Array): Entry {
  const [entry, ...more] = decodeEntries(bytes);
  if (entry === undefined || more.length > 0) throw malformed('not one entry');
  return entry;
}

function readEntry(reader: ByteReader, index: number): Entry {
  const kind = reader.byte();
  const position = { index, term: reader.varint() };
  const payload = reader.bytes(reader.varint());
  switch (kind) {
    case noop:
      if (payload.length > 0) throw malformed('an entry without content has some');
      return { ...position, kind: 'noop' };
    case command:
      return { ...position, kind: 'command', command: payload };
    case configuration:
      return { ...position, kind: 'configuration', configuration: readConfiguration(payload) };
    default:
      throw malformed(`an entry of kind ${kind}`);
  }
}

function kindByte(entry: Entry): number {
  switch (entry.kind) {
    case 'noop':
      return noop;
    case 'command':
      return command;
    case 'configuration':
      return configuration;
  }
}

function payloadOf(entry: Entry): Uint8Array {
  switch (entry.kind) {
    case 'noop':
      return nothing;
    case 'command':
      return entry.command;
    case 'configuration':
      return Buffer.from(JSON.stringify(entry.configuration));
  }
}

function readConfiguration(payload: Uint8Array): Configuration {
  try {
    return configurationFrom(JSON.parse(Buffer.from(payload).toString()));
  } catch (cause) {
    throw malformed('a configuration', cause);
  }
}

/** @throws NexusError `invalid_argument` when the value is no configuration */
export function configurationFrom(value: unknown): Configuration {
  if (typeof value !== 'object' || value === null) throw malformed('a configuration');
  const { voters, learners } = value as Record<string, unknown>;
  if (!areMembers(voters) || !areMembers(learners)) throw malformed('a configuration');
  return { voters, learners };
}

const areMembers = (value: unknown): value is MemberId[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string');

const malformed = (what: string, cause?: unknown) =>
  new NexusError('invalid_argument', `malformed log entries: ${what}`, { cause });
