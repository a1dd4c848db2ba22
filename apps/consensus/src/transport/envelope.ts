import { type MemberId } from '@nexus/core/raft';
import { readMember } from '@nexus/platform/raft-codec';
import { type ByteReader, type ByteWriter, Malformed } from '@nexus/wire';

/** Where a message belongs, before anything of it is believed. */
export interface Envelope {
  /** Of the deployment: two fleets on one broker never vote for each other. */
  readonly cluster: string;
  /** Of the Raft group; one cluster may come to have several. */
  readonly group: string;
  readonly from: MemberId;
  readonly to: MemberId;
  /** Of the sender's process: what an earlier life of it sent is void. */
  readonly incarnation: string;
}

/** "nxr" and the version of the format. */
const magic = [0x6e, 0x78, 0x72, 0x01] as const;

export function writeEnvelope(writer: ByteWriter, envelope: Envelope): void {
  for (const byte of magic) writer.byte(byte);
  const { cluster, group, from, to, incarnation } = envelope;
  writer.ascii(cluster).ascii(group).ascii(from).ascii(to).ascii(incarnation);
}

/** @throws Malformed */
export function readEnvelope(reader: ByteReader): Envelope {
  for (const byte of magic) if (reader.byte() !== byte) throw new Malformed('another format');
  const cluster = reader.ascii();
  const group = reader.ascii();
  const from = readMember(reader);
  const to = readMember(reader);
  return { cluster, group, from, to, incarnation: reader.ascii() };
}
