import { assert } from '@nexus/core/invariant';
import { type Membership } from './membership.js';
import { utf8Bytes } from './message-size.js';
import { textBytesMax, type GossipOptions } from './options.js';
import { type Outbox } from './outbox.js';
import { type Plausibility } from './plausible.js';

interface Tombstone {
  readonly version: number;
  readonly round: number;
}

/** One's own state: only this file changes it, and nobody else's. */
export class Owner {
  private vitals = '';
  /** Oldest first. */
  private tombstones: Tombstone[] = [];
  private refutedInRound = -1;

  constructor(
    private readonly options: GossipOptions,
    private readonly membership: Membership,
    private readonly plausibility: Plausibility,
    private readonly outbox: Outbox,
  ) {}

  /** @returns whether it is a change that the others must learn */
  put(key: string, value: string): boolean {
    const { self } = this.membership;
    if (self.get(key) === value) return false;
    if (this.plausibility.isTooLarge(key, value)) {
      this.outbox.refuse('too_large', self.id);
      return false;
    }
    if (self.keyCount >= this.options.keysMax && !self.hasKey(key)) {
      this.outbox.refuse('too_many', self.id);
      return false;
    }
    this.change(key, value);
    return true;
  }

  /** @returns whether it is a change that the others must learn */
  delete(key: string): boolean {
    if (this.membership.self.get(key) === null) return false;
    const version = this.change(key, null);
    this.tombstones.push({ version, round: this.membership.round });
    return true;
  }

  setVitals(vitals: string): void {
    if (utf8Bytes(vitals) > textBytesMax.vitals) this.outbox.refuse('too_large', this.membership.self.id);
    else this.vitals = vitals;
  }

  /** A round of this life begins. */
  beat(): void {
    this.collectTombstones();
    const { self, viewHash } = this.membership;
    const heartbeat = self.entry.heartbeat + 1;
    this.membership.update(self, {
      ...self.entry,
      heartbeat,
      viewHash: viewHash.value,
      vitals: this.vitals,
    });
  }

  /**
   * Somebody knows a later life of ours than this one: a clock went backwards, or it is a lie. Either way this life must be
   * the latest. Once a round, so that a liar cannot make us restart faster.
   */
  refute(generation: number, wallMs: number): void {
    const { self, round } = this.membership;
    const next = generation + 1;
    if (this.refutedInRound === round || !this.plausibility.isLife(next, wallMs)) return;
    this.refutedInRound = round;
    this.membership.update(self, { ...self.entry, generation: next, heartbeat: 1 });
    this.outbox.tell({ kind: 'restarted', id: self.id, generation: next });
  }

  private change(key: string, value: string | null): number {
    const { self } = this.membership;
    const version = self.entry.maxVersion + 1;
    assert(Number.isSafeInteger(version), 'versions do not run out');
    self.append({ key, version, value });
    this.membership.update(self, { ...self.entry, maxVersion: version });
    this.outbox.tell({ kind: 'key', id: self.id, key, value });
    return version;
  }

  /**
   * Only the owner decides when its tombstones have been there long enough; the others follow its watermark. The newest
   * change of all is never collected: the last change of a delta says how far the delta goes.
   */
  private collectTombstones(): void {
    const { self, round } = this.membership;
    const { maxVersion } = self.entry;
    const kept = this.tombstones.findIndex(
      ({ version, round: removed }) =>
        round - removed < this.options.tombstoneRounds || version === maxVersion,
    );
    const collected = this.tombstones.splice(0, kept === -1 ? this.tombstones.length : kept).at(-1);
    if (collected === undefined) return;
    self.collect(collected.version);
    this.membership.update(self, { ...self.entry, collectedVersion: collected.version });
  }
}
