import { type MemberState } from './member-state.js';
import { changeBytes, deltaHeaderBytes } from './message-size.js';
import { type DigestEntry, type KeyChange, type MemberDelta } from './message.js';
import { type Membership } from './membership.js';
import { type GossipOptions } from './options.js';
import { type Outbox } from './outbox.js';
import { type Plausibility } from './plausible.js';
import { type Room } from './room.js';
import { type Source } from './source.js';

/** One delta takes no more of the room than this when it can be cut: the next member's gets some, too. */
const shareOfOne = 1 / 2;

/** Where a delta for one that knows `claim` begins; null: we have nothing for it. */
const beginningFor = (
  claim: DigestEntry,
  entry: DigestEntry,
): Pick<MemberDelta, 'fromVersion' | 'reset'> | null => {
  const past = claim.generation < entry.generation;
  const known = past ? 0 : claim.maxVersion;
  const collected = past ? 0 : claim.collectedVersion;
  if (claim.generation > entry.generation || known >= entry.maxVersion) return null;
  // Tombstones that it never saw are gone here: it must forget, or removed keys would live on with it.
  if (entry.collectedVersion > Math.max(known, collected)) return { fromVersion: 0, reset: true };
  // It is being rebuilt upon a later watermark than ours: our changes may hold keys whose tombstones it will never see.
  if (known < collected && entry.collectedVersion < collected) return null;
  return { fromVersion: known, reset: false };
};

/** What one that knows `claim` lacks of a member, the oldest changes first, as much as there is room for. */
export const cutDelta = (state: MemberState, claim: DigestEntry, room: Room): MemberDelta | null => {
  const { entry, id, kind } = state;
  const beginning = state.isRebuilding ? null : beginningFor(claim, entry);
  if (beginning === null) return null;
  const { generation, collectedVersion } = entry;
  const header = { id, kind, generation, collectedVersion, ...beginning };
  const before = room.left;
  const leave = before * (1 - shareOfOne);
  const changes: KeyChange[] = [];
  if (!room.take(deltaHeaderBytes(header))) return null;
  for (const change of state.changesAfter(beginning.fromVersion)) {
    if (!room.take(changeBytes(change))) break;
    changes.push(change);
    if (room.left < leave) break;
  }
  if (changes.length > 0) return { ...header, changes };
  room.give(before - room.left);
  return null;
};

export interface DeltaMergerParts {
  readonly options: GossipOptions;
  readonly membership: Membership;
  readonly plausibility: Plausibility;
  readonly outbox: Outbox;
}

/** Takes over what owners changed. Nothing is skipped, nothing is taken twice, so the order of exchanges does not matter. */
export class DeltaMerger {
  constructor(private readonly parts: DeltaMergerParts) {}

  merge(delta: MemberDelta, source: Source): void {
    const { membership, plausibility, outbox } = this.parts;
    if (!plausibility.isDelta(delta)) {
      outbox.refuse('implausible', source.from);
      return;
    }
    if (delta.id === membership.self.id) {
      outbox.refuse('about_us', source.from);
      return;
    }
    if (source.fromKind === 'leaf' && delta.id !== source.from) {
      outbox.refuse('not_its_own', source.from);
      return;
    }
    const state = membership.get(delta.id);
    if (
      state === undefined ||
      state.standing === 'unconfirmed' ||
      delta.generation > state.entry.generation
    ) {
      outbox.refuse('from_the_future', source.from);
      return;
    }
    if (state.standing !== 'left' && delta.generation === state.entry.generation)
      this.join(state, delta, source);
  }

  private join(state: MemberState, delta: MemberDelta, source: Source): void {
    const { membership, outbox } = this.parts;
    const { maxVersion, collectedVersion } = state.entry;
    const missedTombstones = delta.collectedVersion > Math.max(maxVersion, collectedVersion);
    if (delta.fromVersion > maxVersion || (missedTombstones && !delta.reset)) {
      outbox.refuse('from_the_future', source.from);
      return;
    }
    // It stems from before the watermark that we are being rebuilt upon: it may hold keys that were removed up to there.
    const last = delta.changes.at(-1) as KeyChange | null | undefined;
    const reaches = (last?.version ?? 0) >= collectedVersion;
    if (state.isRebuilding && delta.collectedVersion < collectedVersion && !reaches) return;
    if (missedTombstones) {
      this.rebuild(state, delta, source);
      return;
    }
    if (delta.collectedVersion > collectedVersion) {
      state.collect(delta.collectedVersion);
      membership.update(state, { ...state.entry, collectedVersion: delta.collectedVersion });
    }
    this.append(state, delta, source);
  }

  /** Begins anew upon the delta's watermark. */
  private rebuild(state: MemberState, delta: MemberDelta, source: Source): void {
    const { membership, outbox } = this.parts;
    const before = [...state.values()];
    state.forgetKeys();
    membership.update(state, { ...state.entry, maxVersion: 0, collectedVersion: delta.collectedVersion });
    this.append(state, delta, source);
    for (const [key] of before)
      if (state.get(key) === null) outbox.tell({ kind: 'key', id: state.id, key, value: null });
  }

  private append(state: MemberState, delta: MemberDelta, source: Source): void {
    const { options, membership, plausibility, outbox } = this.parts;
    const { id } = state;
    let { maxVersion } = state.entry;
    let last = delta.fromVersion;
    for (const change of delta.changes) {
      if (!plausibility.isChangeAfter(change, last)) {
        outbox.refuse('implausible', source.from);
        break;
      }
      last = change.version;
      if (change.version <= maxVersion) continue;
      const { key, value } = change;
      if (plausibility.isTooLarge(key, value)) {
        outbox.refuse('too_large', source.from);
        break;
      }
      if (state.keyCount >= options.keysMax && !state.hasKey(key)) {
        outbox.refuse('too_many', source.from);
        break;
      }
      const was = state.get(key);
      state.append(change);
      maxVersion = change.version;
      if (was !== value) outbox.tell({ kind: 'key', id, key, value });
    }
    if (maxVersion > state.entry.maxVersion) membership.update(state, { ...state.entry, maxVersion });
  }
}
