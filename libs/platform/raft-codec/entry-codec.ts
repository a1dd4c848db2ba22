import { assertNever } from '@nexus/core/invariant';
import { type Entry } from '@nexus/core/raft';
import { type ByteReader, ByteWriter, Malformed } from '@nexus/wire';
import { readConfiguration, writeConfiguration } from './configuration-codec.js';

const noop = 0;
const command = 1;
const configuration = 2;

/**
 * Writes runs of entries. The leader sends the same run to several followers, one after the other: it is written once.
 * An entry never changes, so its identity says that it is the same.
 */
export class EntryWriter {
  private readonly writer = new ByteWriter();
  private last: { readonly entries: readonly Entry[]; readonly bytes: Uint8Array } = {
    entries: [],
    bytes: new Uint8Array(0),
  };

  write(entries: readonly Entry[]): Uint8Array {
    if (!isSameRun(entries, this.last.entries)) {
      writeEntries(this.writer, entries);
      this.last = { entries, bytes: this.writer.take() };
    }
    return this.last.bytes;
  }

  /** Lets go of the run that is kept for the next follower. */
  forget(): void {
    this.last = { entries: [], bytes: new Uint8Array(0) };
  }
}

/** Entries are consecutive: runs of one length with the same ends are the same. */
const isSameRun = (one: readonly Entry[], other: readonly Entry[]) =>
  one.length === other.length && one[0] === other[0] && one.at(-1) === other.at(-1);

/** Consecutive entries, without their indexes: the first is told beside them, by a message or by the key of a record. */
export function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  for (const entry of entries) writeEntry(writer, entry);
}

function writeEntry(writer: ByteWriter, entry: Entry): void {
  switch (entry.kind) {
    case 'noop':
      writer.byte(noop).varint(entry.term);
      break;
    case 'command':
      writer.byte(command).varint(entry.term).block(entry.command);
      break;
    case 'configuration':
      writer.byte(configuration).varint(entry.term);
      writeConfiguration(writer, entry.configuration);
      break;
    default:
      assertNever(entry);
  }
}

/**
 * Reads what is left as consecutive entries, the first of which has this index.
 * @throws Malformed
 */
export function readEntries(message: ByteReader, firstIndex: number): Entry[] {
  const entries: Entry[] = [];
  if (message.left === 0) return entries;
  // Entries stay in the log; the message they came in, and the buffer of the socket behind it, must not.
  const reader = message.detachRest();
  while (reader.left > 0) entries.push(readEntry(reader, firstIndex + entries.length));
  return entries;
}

function readEntry(reader: ByteReader, index: number): Entry {
  const kind = reader.byte();
  const term = reader.varint();
  if (kind === command) return { index, term, kind: 'command', command: reader.block() };
  if (kind === noop) return { index, term, kind: 'noop' };
  if (kind === configuration) {
    return { index, term, kind: 'configuration', configuration: readConfiguration(reader) };
  }
  throw new Malformed('no such kind of entry');
}
