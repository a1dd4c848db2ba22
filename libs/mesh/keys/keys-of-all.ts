import {
  type Clock,
  type Key,
  keySchema,
  limits,
  type MemberId,
  NexusError,
  parse,
  type SharedKey,
} from '@nexus/contracts';
import { clockOf, type Content, type DottedValue, readClock, type VectorClock } from '@nexus/core/causality';
import { Listeners } from '../listeners.js';
import { type MeshChange } from '../mesh-change.js';
import { type MeshMember } from '../mesh-member.js';
import { adopterOf } from './adopter.js';
import { Departures } from './departures.js';
import { Holders } from './holders.js';
import { Postponed } from './postponed.js';
import { Removals } from './removals.js';
import { StandingValues } from './standing-values.js';
import { readStored, siblingsMax, storedOf } from './stored-values.js';

export interface SharedPutOptions {
  /** What the value replaces: the `clock` of a reading. Without it, all that this member knows. */
  readonly clock?: Clock | undefined;
  /** Spread at once, not with the next round. */
  readonly urgent?: boolean | undefined;
}

export interface SharedListOptions {
  /** What their names begin with. */
  readonly prefix?: string | undefined;
  /** The name that they come after. */
  readonly after?: string | undefined;
}

/** Hears of a key whose values changed; without values, it was removed. */
export type SharedKeysListener = (key: SharedKey) => void;

export interface SharedKeysStats {
  /** Values of others that were none, or claimed what they cannot know. */
  readonly refusedValues: number;
  /** How often there was no room for a value of a member that is gone. */
  readonly failedTakeOvers: number;
  readonly listenerFaults: number;
}

const ownKey = (key: string) => `s/${key}`;
const ownKeyPrefix = ownKey('');

const dayMs = 86_400_000;
const removalsMax = 256;
/** How far clocks of members may be apart before what one has replaced of another's waits for the other's time. */
const skewMs = 2_000;

/**
 * Keys that all members share. Each member keeps what was put at it, for as long as it lives; what several put without
 * knowing of each other stands side by side until somebody replaces it. That holds when one of them goes, too: another
 * member takes over its value, as that member's, for as long as the two stand unresolved. A value is a dotted one (see the core of
 * causality); its counters are readings of its keeper's clock, so that a keeper that starts again counts on, and nobody
 * can claim a counter that lies far ahead.
 */
export class SharedKeys {
  private readonly holders = new Holders();
  private readonly removals: Removals;
  private readonly departures: Departures;
  private readonly standing: StandingValues;
  private readonly postponed = new Postponed(({ member, key }) => {
    this.judge(member, key, this.mesh.get(member, ownKey(key)));
    this.refresh(key);
  });
  private readonly listeners = new Listeners<SharedKey>();
  /** Writes as they were told of last, a key each. */
  private readonly told = new Map<string, string>();
  /** The last counter of a write of this member; those of its earlier lives are below. */
  private issued: number;
  private refusedValues = 0;
  private failedTakeOvers = 0;

  constructor(private readonly mesh: MeshMember) {
    const { roundMs, tombstoneRounds } = mesh.settings;
    const graceMs = roundMs * tombstoneRounds;
    this.issued = Math.max(Date.now(), mesh.generation);
    this.removals = new Removals({ graceMs, keptMsMax: dayMs, removalsMax });
    // Members learn of a departure at different times, and have to have stopped before the first of them forgets it.
    this.departures = new Departures(graceMs / 2);
    this.standing = new StandingValues({ mesh, holders: this.holders, departures: this.departures });
    mesh.on((change) => this.onChange(change));
    // Not with writes alone: a removal takes the room of a key until it is forgotten, and without room there are none.
    mesh.onRound(() => this.forgetRemovals());
    for (const { memberId } of mesh.members()) {
      for (const [key, stored] of mesh.keysOf(memberId)) this.onStored(memberId, key, stored);
    }
  }

  /**
   * Puts a value in the place of what `clock` covers.
   * @returns what stands then
   * @throws NexusError `invalid_argument` for a key or a clock that is none, `conflict` when too many values would stand
   * beside each other, and what `MeshMember.put` throws
   */
  put(key: string, value: unknown, options: SharedPutOptions = {}): SharedKey {
    return this.write(parse(keySchema, key, 'key'), { kind: 'value', value }, options);
  }

  /** Removes what `clock` covers. @returns what stands then @throws NexusError as `put` */
  remove(key: string, options: SharedPutOptions = {}): SharedKey {
    return this.write(parse(keySchema, key, 'key'), { kind: 'removed' }, options);
  }

  /** Undefined where no value stands. */
  get(key: string): SharedKey | undefined {
    const name = keySchema.safeParse(key);
    const found = name.success ? this.read(name.data) : undefined;
    return found?.values.length ? found : undefined;
  }

  /**
   * Keys with a value, in the order of their names. Each is read when it is asked for: who wants the first few pays for
   * those, and for a look at the names of the others.
   */
  *list({ prefix = '', after = '' }: SharedListOptions = {}): Generator<SharedKey, void> {
    const names = [...this.holders.keys()].filter((key) => key > after && key.startsWith(prefix));
    for (const name of names.sort()) {
      if (!this.holders.hasValue(name)) continue;
      const key = this.read(name as Key);
      if (key.values.length > 0) yield key;
    }
  }

  /** Calls `listener` when the values of a key change; returns how to stop. */
  on(listener: SharedKeysListener): () => void {
    return this.listeners.add(listener);
  }

  stats(): SharedKeysStats {
    const { refusedValues, failedTakeOvers } = this;
    return { refusedValues, failedTakeOvers, listenerFaults: this.listeners.faults };
  }

  private write(key: Key, content: Content<unknown>, { clock, urgent }: SharedPutOptions): SharedKey {
    const view = this.standing.of(key);
    const context = clock === undefined ? view.context : this.contextOf(key, clock);
    if (content.kind === 'removed' && view.values.length === 0) return this.read(key);
    // Above the clock, too: a counter that somebody made up for us is soon passed.
    const floor = Math.max(this.issued, Date.now() - 1);
    const { values, written } = view.write({ by: this.mesh.id, content, context, floor });
    const own = values.siblings.filter((value) => value === written || this.keeps(key, value));
    if (own.length > siblingsMax) {
      const many = `${siblingsMax} values stand beside each other: replace them, with the clock of a reading`;
      throw new NexusError('conflict', many);
    }
    this.store(key, own, urgent ?? false);
    this.issued = written.counter;
    this.refresh(key);
    this.forgetRemovals();
    return this.read(key);
  }

  /** @throws NexusError `invalid_argument` */
  private contextOf(key: string, clock: Clock): VectorClock {
    const reading = readClock(clock, { entriesMax: limits.clockEntriesMax, counterMax: this.counterMax });
    if (reading.kind === 'malformed') {
      throw new NexusError('invalid_argument', 'clock: must be the clock of a reading');
    }
    if (reading.clock.get(this.mesh.id) > Math.max(this.issued, Date.now())) {
      throw new NexusError('invalid_argument', `clock: ${this.mesh.id} has not counted so far`);
    }
    if (this.waitOf(key, reading.clock) > 0) {
      throw new NexusError('invalid_argument', 'clock: nobody has counted so far yet');
    }
    return this.standing.remembered(reading.clock, this.standing.authorsOf(key));
  }

  private get counterMax(): number {
    return Math.max(this.issued, Date.now()) + this.mesh.settings.generationAheadMsMax;
  }

  private onChange(change: MeshChange): void {
    if (change.kind === 'key') {
      if (change.key.startsWith(ownKeyPrefix)) this.onStored(change.memberId, change.key, change.value);
      return;
    }
    const { memberId: member, kind } = change;
    if (kind === 'gone') this.departures.note(member, performance.now());
    else this.departures.forget(member);
    // Values come and go with their keepers.
    for (const key of this.holders.keysOf(member)) {
      if (kind === 'restarted') this.adopt(key, member);
      this.refresh(key);
    }
  }

  private onStored(member: MemberId, storedKey: string, stored: unknown): void {
    if (member === this.mesh.id || !storedKey.startsWith(ownKeyPrefix)) return;
    const key = keySchema.safeParse(storedKey.slice(ownKeyPrefix.length));
    if (!key.success) {
      this.refusedValues += 1;
      return;
    }
    this.judge(member, key.data, stored);
    // What came may be what another one's values were waiting for.
    for (const waiting of this.postponed.of(key.data)) {
      if (waiting !== member) this.judge(waiting, key.data, this.mesh.get(waiting, storedKey));
    }
    this.refresh(key.data);
  }

  private judge(member: MemberId, key: string, stored: unknown): void {
    this.postponed.drop({ key, member });
    const values = stored === undefined ? [] : readStored(member, stored, this.counterMax);
    if (!values?.every((value) => this.isSound(member, value))) {
      this.refusedValues += 1;
      this.holders.set(key, member, []);
      return;
    }
    const waits = new Map(values.map((value) => [value, this.waitOf(key, value.past.without(member))]));
    const waitMs = Math.max(0, ...waits.values());
    if (waitMs > 0) {
      this.refusedValues += 1;
      this.postponed.add({ key, member }, waitMs);
    }
    this.holders.set(
      key,
      member,
      values.filter((value) => waits.get(value) === 0),
    );
  }

  /** How long until a clock covers nothing any more that is still to be written, in milliseconds. */
  private waitOf(key: string, clock: VectorClock): number {
    const nowMs = Date.now();
    let waitMs = 0;
    for (const [name, counter] of clock.entries()) {
      const isOwn = name === this.mesh.id;
      const aheadMs = counter - nowMs - (isOwn ? 0 : skewMs);
      const known = isOwn ? this.issued : this.holders.counterOf(key, name);
      if (aheadMs > waitMs && counter > known) waitMs = aheadMs;
    }
    return waitMs;
  }

  /** Services alone speak for others, and nobody of what this member has not written. */
  private isSound(keeper: MemberId, value: DottedValue<unknown>): boolean {
    if (value.by === this.mesh.id && value.counter > this.issued) return false;
    return value.by === keeper || this.mesh.lifeOf(keeper)?.kind === 'service';
  }

  /** After something changed: takes over what nobody keeps, drops what others replaced, and tells who listens. */
  private refresh(key: string): void {
    this.standing.dropReplaced(key);
    this.adopt(key);
    const view = this.standing.of(key);
    const own = view.siblings.filter(
      (value) => this.keeps(key, value) && this.standing.speaks(this.mesh.id, value),
    );
    if (own.length < this.holders.of(key, this.mesh.id).length) this.store(key, own, false);
    const dots = JSON.stringify(view.values.map(({ by, counter }) => [by, counter]));
    if (dots === (this.told.get(key) ?? '[]')) return;
    if (view.values.length === 0) this.told.delete(key);
    else this.told.set(key, dots);
    this.listeners.tell(this.read(key as Key));
  }

  private store(key: string, own: readonly DottedValue<unknown>[], urgent: boolean): void {
    if (own.length === 0) this.mesh.remove(ownKey(key), { urgent });
    else this.mesh.put(ownKey(key), storedOf(this.mesh.id, own), { urgent });
    this.holders.set(key, this.mesh.id, own);
    if (own.some(({ content }) => content.kind === 'removed')) this.removals.add(key, performance.now());
    else this.removals.drop(key);
  }

  private forgetRemovals(): void {
    for (const key of this.removals.due(performance.now(), (removed) => this.isHeard(removed))) {
      const own = this.holders.of(key, this.mesh.id).filter(({ content }) => content.kind === 'value');
      this.store(key, own, false);
    }
  }

  /** Whether everybody whose values a removal replaces is there, and has dropped them. */
  private isHeard(key: string): boolean {
    if (this.holders.all(key).size > 1) return false;
    return this.holders
      .of(key, this.mesh.id)
      .every(({ past }) => [...past.entries()].every(([name]) => this.standing.isPresent(name)));
  }

  private read(key: Key): SharedKey {
    const view = this.standing.of(key);
    return {
      key,
      values: view.values.map((value) => ({
        value: value.content.value,
        by: value.by as MemberId,
        clock: clockOf(value).toRecord(),
      })),
      clock: view.context.toRecord(),
      conflict: view.isConflict,
    };
  }

  /**
   * Takes over the values in conflict that no live member keeps, when that falls to this one.
   * @param leaver whose life has just ended, though the member is there
   */
  private adopt(key: string, leaver?: MemberId): void {
    const orphans = this.standing.orphansOf(key, leaver);
    if (orphans.length === 0) return;
    const members = this.mesh.members().filter(({ memberId }) => memberId !== leaver);
    const isKeeper = (memberId: MemberId) => this.holders.of(key, memberId).length > 0;
    for (const orphan of orphans) {
      const adopter = adopterOf(members, { isKeeper, writtenAtMs: orphan.counter });
      if (adopter === this.mesh.id) this.takeOver(key, orphan);
    }
  }

  private takeOver(key: string, orphan: DottedValue<unknown>): void {
    const own = [...this.holders.of(key, this.mesh.id), orphan];
    try {
      if (own.length > siblingsMax) this.failedTakeOvers += 1;
      else this.store(key, own, false);
    } catch (thrown) {
      if (!(thrown instanceof NexusError)) throw thrown;
      this.failedTakeOvers += 1;
    }
  }

  private keeps(key: string, value: DottedValue<unknown>): boolean {
    return this.holders.keeps(key, this.mesh.id, value);
  }
}
