import { type MemberId, type Message } from '@nexus/core/raft';
import { subjectOf, subjects } from '@nexus/contracts';
import { type Drops } from '@nexus/platform/nats';
import { EntryWriter } from '@nexus/platform/raft-codec';
import { ByteReader, ByteWriter, type Connection, Malformed } from '@nexus/wire';
import { replicaIdOf } from '../member/member-id.js';
import { type Envelope, readEnvelope, writeEnvelope } from './envelope.js';
import { Incarnations } from './incarnations.js';
import { readMessage, writeMessage } from './message-codec.js';
import { type PeerLink, type ReceivePeer } from './peer-link.js';

export interface NatsPeerLinkOptions {
  /** The replica's own: requests on another one never stand before a heartbeat. */
  readonly connection: Connection;
  readonly prefix: string;
  readonly drops: Drops;
  /** Where this member's messages come from. */
  readonly origin: Omit<Envelope, 'to'>;
}

/** Peers that are written to; a group has fewer. */
const addressesMax = 64;

interface Address {
  readonly subject: string;
  /** The envelope of every message that goes there. */
  readonly envelope: Uint8Array;
}

/**
 * Raft over core NATS: a subject a replica, no queue group, nothing published while the connection is down (it would
 * arrive late), and nothing read that is not meant for this very member.
 */
export class NatsPeerLink implements PeerLink {
  private readonly writer = new ByteWriter();
  private readonly entries = new EntryWriter();
  private readonly addresses = new Map<MemberId, Address>();
  private readonly incarnations = new Incarnations();

  constructor(private readonly options: NatsPeerLinkOptions) {}

  send(to: MemberId, message: Message): void {
    const { connection, drops } = this.options;
    if (!connection.connected) {
      drops.undeliveredInternal += 1;
      return;
    }
    const { subject, envelope } = this.addressOf(to);
    writeMessage(this.writer.raw(envelope), message, this.entries);
    const bytes = this.writer.take();
    if (bytes.length > connection.bodyBytesMax) drops.undeliveredInternal += 1;
    else connection.publish(subject, bytes);
  }

  flush(): void {
    this.entries.forget();
  }

  listen(receive: ReceivePeer): () => void {
    const { connection, prefix, origin } = this.options;
    const subject = subjectOf(prefix, subjects.consensusPeer, { replicaId: replicaIdOf(origin.from) });
    const subscription = connection.subscribe(subject, ({ data }) => this.receive(data, receive));
    return () => subscription.unsubscribe();
  }

  private receive(bytes: Uint8Array, receive: ReceivePeer): void {
    let received: { readonly from: MemberId; readonly message: Message } | undefined;
    try {
      received = this.open(bytes);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.options.drops.malformedInternal += 1;
      return;
    }
    if (received === undefined) this.options.drops.foreignInternal += 1;
    else receive(received.from, received.message);
  }

  /** Nothing for what is meant for somebody else, or comes from an earlier life of the sender. */
  private open(bytes: Uint8Array): { readonly from: MemberId; readonly message: Message } | undefined {
    const reader = new ByteReader(bytes);
    const { cluster, group, from, to, incarnation } = readEnvelope(reader);
    const { origin } = this.options;
    const isOurs = cluster === origin.cluster && group === origin.group && to === origin.from;
    if (!isOurs || from === origin.from) return undefined;
    const message = readMessage(reader);
    return this.incarnations.isCurrent(from, incarnation) ? { from, message } : undefined;
  }

  private addressOf(to: MemberId): Address {
    const known = this.addresses.get(to);
    if (known !== undefined) return known;
    if (this.addresses.size >= addressesMax) this.addresses.clear();
    const { prefix, origin } = this.options;
    writeEnvelope(this.writer, { ...origin, to });
    const address = {
      subject: subjectOf(prefix, subjects.consensusPeer, { replicaId: replicaIdOf(to) }),
      envelope: this.writer.take(),
    };
    this.addresses.set(to, address);
    return address;
  }
}
