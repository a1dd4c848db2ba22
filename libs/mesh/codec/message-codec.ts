import { idPattern } from '@nexus/contracts';
import {
  type DigestEntry,
  type KeyChange,
  type MemberDelta,
  type MemberId,
  type MemberKind,
  type Message,
} from '@nexus/core/gossip';
import { assertNever } from '@nexus/core/invariant';
import { ByteReader, ByteWriter, Malformed } from '@nexus/wire';

/** "N", "G", and the version of what follows. */
const magic = [0x4e, 0x47, 1] as const;

/** A number, once used, keeps its meaning. */
const tags = { syn: 1, syn_ack: 2, ack: 3, leave: 4 } as const satisfies Record<Message['kind'], number>;
const kinds = new Map<number, Message['kind']>(
  Object.entries(tags).map(([kind, tag]) => [tag, kind as Message['kind']]),
);

const idBytesMax = 64;
const clusterBytesMax = 64;
const vitalsBytesMax = 128;
/** As the core has it. */
export const keyBytesMax = 640;

/** Fewest bytes of each, by which an announced count is judged before anything is built. */
const digestEntryBytesMin = 9;
const deltaBytesMin = 8;
const changeBytesMin = 4;

/** Messages of the mesh as bytes and back. Reading guards: whatever the bytes, a message comes of them or `Malformed`. */
export class MessageCodec {
  private readonly writer = new ByteWriter();

  encode(message: Message): Uint8Array {
    const { writer } = this;
    for (const byte of magic) writer.byte(byte);
    writer.byte(tags[message.kind]).text(message.cluster).varint(message.generation);
    if (message.kind !== 'leave') writer.flag(message.urgent ?? false);
    switch (message.kind) {
      case 'syn':
        writeDigest(writer, message.digest);
        break;
      case 'syn_ack':
        writeDigest(writer, message.digest);
        writeDeltas(writer, message.deltas);
        break;
      case 'ack':
        writeDeltas(writer, message.deltas);
        break;
      case 'leave':
        writer.varint(message.heartbeat);
        break;
      default:
        assertNever(message);
    }
    return writer.take();
  }

  /** @throws Malformed */
  decode(bytes: Uint8Array): Message {
    const reader = new ByteReader(bytes);
    for (const byte of magic) {
      if (reader.byte() !== byte) throw new Malformed('it does not begin as a message of the mesh');
    }
    const kind = kinds.get(reader.byte());
    if (kind === undefined) throw new Malformed('no such kind of message');
    const message = readBody(reader, kind);
    reader.end();
    return message;
  }
}

function readBody(reader: ByteReader, kind: Message['kind']): Message {
  const cluster = reader.text(clusterBytesMax);
  const generation = reader.varint();
  if (kind === 'leave') return { kind, cluster, generation, heartbeat: reader.varint() };
  const head = { cluster, generation, ...(reader.flag() && { urgent: true as const }) };
  switch (kind) {
    case 'syn':
      return { kind, ...head, digest: readDigest(reader) };
    case 'syn_ack':
      return { kind, ...head, digest: readDigest(reader), deltas: readDeltas(reader) };
    case 'ack':
      return { kind, ...head, deltas: readDeltas(reader) };
    default:
      return assertNever(kind);
  }
}

function writeDigest(writer: ByteWriter, digest: readonly DigestEntry[]): void {
  writer.varint(digest.length);
  for (const entry of digest) {
    writeMember(writer, entry);
    writer.varint(entry.heartbeat).varint(entry.maxVersion).varint(entry.collectedVersion);
    writer.varint(entry.viewHash).text(entry.vitals);
  }
}

function readDigest(reader: ByteReader): DigestEntry[] {
  const entries: DigestEntry[] = [];
  for (let left = reader.count(digestEntryBytesMin); left > 0; left -= 1) {
    entries.push({
      ...readMember(reader),
      heartbeat: reader.varint(),
      maxVersion: reader.varint(),
      collectedVersion: reader.varint(),
      viewHash: reader.varint(),
      vitals: reader.text(vitalsBytesMax),
    });
  }
  return entries;
}

function writeDeltas(writer: ByteWriter, deltas: readonly MemberDelta[]): void {
  writer.varint(deltas.length);
  for (const delta of deltas) {
    writeMember(writer, delta);
    writer.varint(delta.fromVersion).varint(delta.collectedVersion).flag(delta.reset);
    writer.varint(delta.changes.length);
    for (const change of delta.changes) writeChange(writer, change);
  }
}

function readDeltas(reader: ByteReader): MemberDelta[] {
  const deltas: MemberDelta[] = [];
  for (let left = reader.count(deltaBytesMin); left > 0; left -= 1) {
    const member = readMember(reader);
    const fromVersion = reader.varint();
    const collectedVersion = reader.varint();
    const reset = reader.flag();
    const changes: KeyChange[] = [];
    for (let more = reader.count(changeBytesMin); more > 0; more -= 1) changes.push(readChange(reader));
    deltas.push({ ...member, fromVersion, collectedVersion, reset, changes });
  }
  return deltas;
}

function writeChange(writer: ByteWriter, { key, version, value }: KeyChange): void {
  writer
    .text(key)
    .varint(version)
    .flag(value !== null);
  if (value !== null) writer.text(value);
}

function readChange(reader: ByteReader): KeyChange {
  const key = reader.text(keyBytesMax);
  if (key === '') throw new Malformed('a key is empty');
  const version = reader.varint();
  return { key, version, value: reader.flag() ? reader.text(Number.MAX_SAFE_INTEGER) : null };
}

interface Member {
  readonly id: MemberId;
  readonly kind: MemberKind;
  readonly generation: number;
}

function writeMember(writer: ByteWriter, { id, kind, generation }: Member): void {
  writer
    .text(id)
    .flag(kind === 'relay')
    .varint(generation);
}

/** Ids of members become tokens of subjects. */
function readMember(reader: ByteReader): Member {
  const id = reader.text(idBytesMax);
  if (!idPattern.test(id)) throw new Malformed('a member has no valid id');
  return { id: id as MemberId, kind: reader.flag() ? 'relay' : 'leaf', generation: reader.varint() };
}
