import { type MemberId } from '@nexus/contracts';
import { type DottedValue, DottedValues, VectorClock } from '@nexus/core/causality';
import { type MeshMember } from '../mesh-member.js';
import { type Departures } from './departures.js';
import { type Holders } from './holders.js';

export interface StandingValuesOptions {
  readonly mesh: Pick<MeshMember, 'id' | 'generation' | 'statusOf' | 'lifeOf'>;
  readonly holders: Holders;
  readonly departures: Departures;
}

/** Which of the values that members keep stand, as this member sees it. */
export class StandingValues {
  constructor(private readonly options: StandingValuesOptions) {}

  /**
   * What stands. A conflict outlives its keepers: what one that went lately had put beside another value stands until it
   * has been taken over.
   */
  of(key: string): DottedValues<unknown> {
    const present = this.among(key, (member) => this.isPresent(member));
    const recent = this.options.departures.recent(performance.now());
    if (recent.size === 0) return present;
    const before = this.among(key, (member) => this.isPresent(member) || recent.has(member));
    return before.isConflict ? before : present;
  }

  /**
   * What stands of what these members keep. Clocks are compared by those alone that are present, or wrote what is kept:
   * when a name was forgotten by one member and not yet by another, both see the same.
   */
  private among(key: string, isKeeper: (member: string) => boolean): DottedValues<unknown> {
    const kept = [...this.options.holders.all(key)].flatMap(([member, values]) =>
      isKeeper(member)
        ? values.filter((value) => this.speaks(member, value)).map((value) => this.confined(value))
        : [],
    );
    const authors = new Set(kept.map(({ by }) => by));
    const full = new Map<DottedValue<unknown>, DottedValue<unknown>>();
    for (const value of kept) {
      const past = filtered(value.past, (name) => authors.has(name) || this.isPresent(name));
      full.set({ ...value, past }, value);
    }
    const standing = DottedValues.of(full.keys()).siblings;
    return DottedValues.of(
      standing.map((value) => ({
        ...value,
        past: this.remembered(full.get(value)?.past ?? value.past, authors),
      })),
    );
  }

  /** What an agent puts replaces nothing that a service put: services are run by the operator, agents by anybody. */
  private confined(value: DottedValue<unknown>): DottedValue<unknown> {
    const { mesh } = this.options;
    if (mesh.lifeOf(value.by)?.kind !== 'agent') return value;
    return { ...value, past: filtered(value.past, (name) => mesh.lifeOf(name)?.kind !== 'service') };
  }

  /** Whether a keeper's word counts: of what another wrote only when that one, in that life, cannot say it itself. */
  speaks(keeper: string, { by, counter }: DottedValue<unknown>): boolean {
    if (by === keeper || !this.isPresent(by)) return true;
    const generation =
      by === this.options.mesh.id ? this.options.mesh.generation : this.options.mesh.lifeOf(by)?.generation;
    return generation === undefined || counter < generation;
  }

  /**
   * Values in conflict that no live member keeps any more.
   * @param leaver whose life has just ended, though the member is there
   */
  orphansOf(key: string, leaver?: MemberId): readonly DottedValue<unknown>[] {
    const { holders, departures } = this.options;
    const recent = departures.recent(performance.now());
    if (recent.size === 0 && leaver === undefined) return [];
    const standing = this.among(key, (member) => this.isPresent(member) || recent.has(member));
    if (!standing.isConflict) return [];
    const keepers = [...holders.all(key).keys()].filter(
      (member) => member !== leaver && this.isPresent(member),
    );
    return standing.values.filter(
      (value) => !keepers.some((member) => holders.keeps(key, member, value) && this.speaks(member, value)),
    );
  }

  /** Forgets values of those who went lately that are replaced: whoever replaces the replacement need not know of them. */
  dropReplaced(key: string): void {
    const { holders, departures } = this.options;
    const recent = departures.recent(performance.now());
    if (recent.size === 0) return;
    const { siblings } = this.among(key, (member) => this.isPresent(member) || recent.has(member));
    const stands = ({ by, counter }: DottedValue<unknown>) =>
      siblings.some((value) => value.by === by && value.counter === counter);
    for (const [member, values] of [...holders.all(key)]) {
      if (recent.has(member) && !values.every(stands)) holders.set(key, member, values.filter(stands));
    }
  }

  /** Who wrote what is kept of a key, by whomever. */
  authorsOf(key: string): ReadonlySet<string> {
    return new Set([...this.options.holders.all(key).values()].flat().map(({ by }) => by));
  }

  /** Without names that nobody knows any more, or ever did: clocks are no larger than the membership. */
  remembered(clock: VectorClock, authors: ReadonlySet<string>): VectorClock {
    const isKnown = (name: string) =>
      name === this.options.mesh.id || authors.has(name) || this.options.mesh.statusOf(name) !== undefined;
    return filtered(clock, isKnown);
  }

  isPresent(name: string): boolean {
    if (name === this.options.mesh.id) return true;
    const status = this.options.mesh.statusOf(name);
    return status === 'alive' || status === 'suspected';
  }
}

function filtered(clock: VectorClock, isKept: (name: string) => boolean): VectorClock {
  const entries = [...clock.entries()];
  return entries.every(([name]) => isKept(name))
    ? clock
    : VectorClock.of(entries.filter(([name]) => isKept(name)));
}
