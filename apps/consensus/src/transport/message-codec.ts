import { assertNever } from '@nexus/core/invariant';
import { type AppendRejected, type AppendRequest, type Message, type SnapshotChunk } from '@nexus/core/raft';
import {
  type EntryWriter,
  readConfiguration,
  readEntries,
  writeConfiguration,
} from '@nexus/platform/raft-codec';
import { type ByteReader, type ByteWriter, Malformed } from '@nexus/wire';

/** The first byte of each kind of message. A number, once used, keeps its meaning. */
const tags = {
  pre_vote_request: 1,
  pre_vote_reply: 2,
  vote_request: 3,
  vote_reply: 4,
  append_request: 5,
  append_accepted: 6,
  append_rejected: 7,
  heartbeat: 8,
  heartbeat_reply: 9,
  snapshot_chunk: 10,
  snapshot_progress: 11,
  timeout_now: 12,
} as const satisfies Record<Message['kind'], number>;

const kinds = new Map<number, Message['kind']>(
  Object.entries(tags).map(([kind, tag]) => [tag, kind as Message['kind']]),
);

/** Writes one message: its kind, its term, its own fields. */
export function writeMessage(writer: ByteWriter, message: Message, entries: EntryWriter): void {
  writer.byte(tags[message.kind]).varint(message.term);
  switch (message.kind) {
    case 'pre_vote_request':
      writer.varint(message.lastIndex).varint(message.lastTerm);
      break;
    case 'vote_request':
      writer.varint(message.lastIndex).varint(message.lastTerm).flag(message.transfer);
      break;
    case 'pre_vote_reply':
    case 'vote_reply':
      writer.flag(message.granted);
      break;
    case 'append_request':
      writeAppend(writer, message, entries);
      break;
    case 'append_accepted':
      writer.varint(message.matchIndex).varint(message.round);
      break;
    case 'append_rejected':
      writeRejection(writer, message);
      break;
    case 'heartbeat':
      writer.varint(message.commit).varint(message.round);
      break;
    case 'heartbeat_reply':
      writer.varint(message.round);
      break;
    case 'snapshot_chunk':
      writeChunk(writer, message);
      break;
    case 'snapshot_progress':
      writer.varint(message.snapshotIndex).varint(message.nextOffset).varint(message.round);
      break;
    case 'timeout_now':
      break;
    default:
      assertNever(message);
  }
}

function writeAppend(writer: ByteWriter, message: AppendRequest, entries: EntryWriter): void {
  writer.varint(message.prevIndex).varint(message.prevTerm).varint(message.commit).varint(message.round);
  if (message.entries.length > 0) writer.raw(entries.write(message.entries));
}

function writeRejection(writer: ByteWriter, message: AppendRejected): void {
  const { prevIndex, lastIndex, round, conflict } = message;
  writer.varint(prevIndex).varint(lastIndex).varint(round);
  writer.flag(conflict !== null);
  if (conflict !== null) writer.varint(conflict.term).varint(conflict.firstIndex);
}

function writeChunk(writer: ByteWriter, message: SnapshotChunk): void {
  const { snapshot, offset, totalBytes, round, bytes } = message;
  writer.varint(snapshot.index).varint(snapshot.term);
  writeConfiguration(writer, snapshot.configuration);
  writer.varint(offset).varint(totalBytes).varint(round).block(bytes);
}

/**
 * Reads one message, to the last byte.
 * @throws Malformed
 */
export function readMessage(reader: ByteReader): Message {
  const kind = kinds.get(reader.byte());
  if (kind === undefined) throw new Malformed('no such kind of message');
  const message = readBody(reader, kind, reader.varint());
  // An append is read to the end by its entries.
  if (kind !== 'append_request') reader.end();
  return message;
}

function readBody(reader: ByteReader, kind: Message['kind'], term: number): Message {
  switch (kind) {
    case 'pre_vote_request':
      return { kind, term, lastIndex: reader.varint(), lastTerm: reader.varint() };
    case 'vote_request':
      return { kind, term, lastIndex: reader.varint(), lastTerm: reader.varint(), transfer: reader.flag() };
    case 'pre_vote_reply':
    case 'vote_reply':
      return { kind, term, granted: reader.flag() };
    case 'append_request':
      return readAppend(reader, term);
    case 'append_accepted':
      return { kind, term, matchIndex: reader.varint(), round: reader.varint() };
    case 'append_rejected':
      return readRejection(reader, term);
    case 'heartbeat':
      return { kind, term, commit: reader.varint(), round: reader.varint() };
    case 'heartbeat_reply':
      return { kind, term, round: reader.varint() };
    case 'snapshot_chunk':
      return readChunk(reader, term);
    case 'snapshot_progress':
      return {
        ...{ kind, term, snapshotIndex: reader.varint() },
        ...{ nextOffset: reader.varint(), round: reader.varint() },
      };
    case 'timeout_now':
      return { kind, term };
    default:
      return assertNever(kind);
  }
}

function readAppend(reader: ByteReader, term: number): AppendRequest {
  const prevIndex = reader.varint();
  const prevTerm = reader.varint();
  const commit = reader.varint();
  const round = reader.varint();
  const entries = readEntries(reader, prevIndex + 1);
  return { kind: 'append_request', term, prevIndex, prevTerm, commit, round, entries };
}

function readRejection(reader: ByteReader, term: number): AppendRejected {
  const prevIndex = reader.varint();
  const lastIndex = reader.varint();
  const round = reader.varint();
  const conflict = reader.flag() ? { term: reader.varint(), firstIndex: reader.varint() } : null;
  return { kind: 'append_rejected', term, prevIndex, lastIndex, round, conflict };
}

function readChunk(reader: ByteReader, term: number): SnapshotChunk {
  const index = reader.varint();
  const snapshot = { index, term: reader.varint(), configuration: readConfiguration(reader) };
  const offset = reader.varint();
  const totalBytes = reader.varint();
  const round = reader.varint();
  // It is kept until the last part has come.
  const bytes = Uint8Array.from(reader.block());
  if (offset + bytes.length > totalBytes) throw new Malformed('a part lies outside its image');
  return { kind: 'snapshot_chunk', term, snapshot, offset, totalBytes, round, bytes };
}
