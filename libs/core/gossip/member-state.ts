import { type MemberId, type MemberKind } from './identity.js';
import { KeyLog } from './key-log.js';
import { entryBytes } from './message-size.js';
import { type DigestEntry, type KeyChange } from './message.js';
import { type PhiAccrual } from './phi-accrual.js';
import { hashId, type IdHash } from './view-hash.js';
import { type MemberStatus } from './view.js';

/**
 * What a member knows of another one, or of itself. `unconfirmed`: heard of, but not yet seen alive; it is shown to nobody
 * and told to nobody, so that what is long gone, and what never was, spreads no further than the one who says it.
 */
export type Standing = MemberStatus | 'unconfirmed';

/** An entry as it goes into a message, weighed once and told many times. */
export interface Told {
  readonly entry: DigestEntry;
  /** In bytes. */
  readonly size: number;
}

const told = (entry: DigestEntry): Told => ({ entry, size: entryBytes(entry) });

const noChanges: readonly KeyChange[] = [];

/** One member's state here: its latest life, and as much of its keys as is known. A life replaces the one before. */
export class MemberState {
  readonly idHash: IdHash;
  standing: Standing = 'unconfirmed';
  /** When, in rounds of ours, it came to its standing. */
  standingSinceRound = 0;
  /** When suspicion began. */
  suspectedMs = 0;
  /** How often its heartbeat was news since it was last not alive, and when that was first. */
  sightings = 0;
  sightedMs = 0;
  /** When, in rounds of ours, its keys changed last. */
  changedRound = 0;
  /** The exchange that has dealt with it. */
  mentionedIn = 0;
  /** Places in the lists of `Membership`; −1: in none. */
  peerIndex = -1;
  vouchedIndex = -1;
  newer: MemberState | null = null;
  older: MemberState | null = null;
  private keyLog: KeyLog | null = null;
  private full: Told | null = null;
  private brief: Told | null = null;

  constructor(
    readonly id: MemberId,
    public kind: MemberKind,
    private known: DigestEntry,
    readonly phi: PhiAccrual,
  ) {
    this.idHash = hashId(id);
  }

  /** How far our knowledge of it goes: what a digest of ours says. Replaced as a whole, never changed. */
  get entry(): DigestEntry {
    return this.known;
  }

  set entry(entry: DigestEntry) {
    this.known = entry;
    this.full = null;
    this.brief = null;
  }

  get inFull(): Told {
    return (this.full ??= told(this.known));
  }

  /** Without the vitals: who is there is worth more than how it does, where there is no room for both. */
  get inBrief(): Told {
    return (this.brief ??= told({ ...this.known, vitals: '' }));
  }

  get isDeparted(): boolean {
    return this.standing === 'dead' || this.standing === 'left';
  }

  /** Neither dead nor left nor merely heard of: it is told of, and counts in the view hash. */
  get isVouched(): boolean {
    return this.standing === 'alive' || this.standing === 'suspected';
  }

  /** Its keys were forgotten to be taken anew, and are not yet up to where tombstones were collected. */
  get isRebuilding(): boolean {
    return this.entry.maxVersion < this.entry.collectedVersion;
  }

  get keyCount(): number {
    return this.keyLog?.size ?? 0;
  }

  hasKey(key: string): boolean {
    return this.keyLog?.has(key) ?? false;
  }

  get(key: string): string | null {
    return this.keyLog?.get(key) ?? null;
  }

  append(change: KeyChange): void {
    this.keyLog ??= new KeyLog();
    this.keyLog.append(change);
  }

  changesAfter(version: number): Iterable<KeyChange> {
    return this.keyLog?.after(version) ?? noChanges;
  }

  values(): Iterable<readonly [key: string, value: string]> {
    return this.keyLog?.values() ?? [];
  }

  collect(version: number): void {
    this.keyLog?.collect(version);
  }

  forgetKeys(): void {
    this.keyLog = null;
  }
}
