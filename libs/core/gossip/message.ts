import { type MemberId, type MemberKind } from './identity.js';

/** How far the sender's knowledge of one member goes (van Renesse et al. 2008, §2). */
export interface DigestEntry {
  readonly id: MemberId;
  readonly kind: MemberKind;
  readonly generation: number;
  /** Counts the rounds of that life; only the member itself advances it. */
  readonly heartbeat: number;
  /** All changes of its keys up to here are known. */
  readonly maxVersion: number;
  /** Tombstones up to here were collected: who knows less must take its state anew. */
  readonly collectedVersion: number;
  /** Of its latest heartbeat: what it knows of everybody's versions, as one number (see `ViewHash`). */
  readonly viewHash: number;
  /** How it does, for who reads it, with this heartbeat or an earlier one; empty: not told. Opaque here, short. */
  readonly vitals: string;
}

/** One key as its owner changed it last. */
export interface KeyChange {
  readonly key: string;
  /** Of the owner's count of changes; every change has its own. */
  readonly version: number;
  /** Text (JSON, where values have a structure); null: the key was removed. */
  readonly value: string | null;
}

/** Changes of one member's keys, in the order of their versions. */
export interface MemberDelta {
  readonly id: MemberId;
  readonly kind: MemberKind;
  readonly generation: number;
  /** Everything after this version, up to the last change here, is here: no gap. */
  readonly fromVersion: number;
  readonly collectedVersion: number;
  /** The receiver forgets what it had of this member's keys first: it had missed collected tombstones. */
  readonly reset: boolean;
  readonly changes: readonly KeyChange[];
}

interface Addressed {
  /** Of the deployment; a message of another one is refused. */
  readonly cluster: string;
  /** The sender's own life: what an earlier life of it sent is void. */
  readonly generation: number;
}

interface Exchanged extends Addressed {
  /** An urgent change began the exchange: what it brings is passed on at once. */
  readonly urgent?: true;
}

/** Says what the sender knows, or as much of it as fits. */
export interface Syn extends Exchanged {
  readonly kind: 'syn';
  readonly digest: readonly DigestEntry[];
}

/** Answers a `syn`: what its sender lacks, and what the answering one knows itself. */
export interface SynAck extends Exchanged {
  readonly kind: 'syn_ack';
  readonly digest: readonly DigestEntry[];
  readonly deltas: readonly MemberDelta[];
}

/** Ends an exchange: what the answering one lacks. */
export interface Ack extends Exchanged {
  readonly kind: 'ack';
  readonly deltas: readonly MemberDelta[];
}

/** The sender's life is over, by its own will. */
export interface Leave extends Addressed {
  readonly kind: 'leave';
  readonly heartbeat: number;
}

export type Message = Syn | SynAck | Ack | Leave;
