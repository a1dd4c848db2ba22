import { type MemberId } from '@nexus/contracts';
import { type DottedValue } from '@nexus/core/causality';

type Values = readonly DottedValue<unknown>[];

/** Which members have values of a key, and which values. */
export class Holders {
  private readonly byKey = new Map<string, Map<MemberId, Values>>();

  set(key: string, member: MemberId, values: Values): void {
    const holders = this.byKey.get(key);
    if (values.length > 0) {
      if (holders === undefined) this.byKey.set(key, new Map([[member, values]]));
      else holders.set(member, values);
      return;
    }
    holders?.delete(member);
    if (holders?.size === 0) this.byKey.delete(key);
  }

  of(key: string, member: MemberId): Values {
    return this.byKey.get(key)?.get(member) ?? [];
  }

  /** Whether a member keeps a value, its own or one that it took over. */
  keeps(key: string, member: MemberId, { by, counter }: DottedValue<unknown>): boolean {
    return this.of(key, member).some((value) => value.by === by && value.counter === counter);
  }

  /** The highest counter of a member that anything of a key tells of; 0 where nothing does. */
  counterOf(key: string, name: string): number {
    const values = [...this.all(key).values()].flat();
    return Math.max(0, ...values.map(({ by, counter, past }) => (by === name ? counter : past.get(name))));
  }

  all(key: string): ReadonlyMap<MemberId, Values> {
    return this.byKey.get(key) ?? new Map<MemberId, Values>();
  }

  keys(): Iterable<string> {
    return this.byKey.keys();
  }

  /** Whether anybody keeps more of a key than its removal. */
  hasValue(key: string): boolean {
    for (const values of this.all(key).values()) {
      if (values.some(({ content }) => content.kind === 'value')) return true;
    }
    return false;
  }

  keysOf(member: MemberId): string[] {
    return [...this.byKey].filter(([, holders]) => holders.has(member)).map(([key]) => key);
  }
}
