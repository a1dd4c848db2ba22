import { type MemberId, type MemberView } from '@nexus/core/gossip';
import { hold } from '../../violation.js';
import { type Observer, type Stepped } from '../stepped.js';
import { type Life, type Truth } from '../truth.js';

interface Seen {
  readonly life: Life;
  readonly generation: number;
  readonly maxVersion: number;
  readonly heartbeat: number;
}

/** What members know of each other's states, at each moment and never to the worse (van Renesse et al. 2008, §2). */
export class Knowledge {
  /** By the life of who knows. */
  private readonly seen = new WeakMap<Life, Map<MemberId, Seen>>();

  constructor(private readonly truth: Truth) {}

  stepped({ observer, effects }: Stepped): void {
    const seen = this.seen.get(observer.life) ?? new Map<MemberId, Seen>();
    this.seen.set(observer.life, seen);
    const touched = new Set(effects.changes.flatMap((change) => (change.kind === 'key' ? [change.id] : [])));
    for (const id of seen.keys()) if (!observer.views.has(id)) seen.delete(id);
    for (const view of observer.views.values()) this.judge(observer, view, { seen, touched });
  }

  /** All that is known of a member is what it said. */
  judgeState(observer: Observer, { id, generation, maxVersion }: MemberView, life: Life): void {
    const known = observer.keysOf(id);
    for (const [key, { value, version }] of life.keys) {
      if (version > maxVersion) continue;
      hold(
        (known.get(key) ?? null) === value,
        'all changes up to the version that is known are known',
        () =>
          `${observer.id} knows ${id} up to ${maxVersion}, and ${key} as ${known.get(key) ?? 'removed'}: ` +
          `it is ${value ?? 'removed'} since ${version}`,
      );
    }
    for (const [key, value] of known) {
      hold(
        life.values.get(value)?.key === key,
        'what is known of a member is what it said in that life',
        () => `${observer.id} believes that ${key} of ${id} (${generation}) is ${value}`,
      );
    }
  }

  private judge(
    observer: Observer,
    view: MemberView,
    { seen, touched }: { seen: Map<MemberId, Seen>; touched: ReadonlySet<string> },
  ): void {
    const { id, generation, maxVersion, heartbeat } = view;
    const before = seen.get(id);
    const isSame = before?.generation === generation && before.maxVersion === maxVersion;
    if (isSame && before.heartbeat === heartbeat && !touched.has(id)) return;
    const life = this.truth.lifeOf(id, generation);
    hold(
      life !== undefined,
      'nobody is believed in who never was',
      () => `${observer.id} lists ${id} of generation ${generation}`,
    );
    hold(
      maxVersion <= life.maxVersion,
      'nobody knows more of a member than itself',
      () => `${observer.id} knows ${id} up to ${maxVersion}, it has come to ${life.maxVersion}`,
    );
    if (before) this.judgeProgress(observer, before, { life, generation, maxVersion, heartbeat }, id);
    seen.set(id, { life, generation, maxVersion, heartbeat });
    this.judgeState(observer, view, life);
  }

  private judgeProgress(observer: Observer, before: Seen, after: Seen, id: MemberId): void {
    hold(
      after.generation >= before.generation,
      'an earlier life never comes back',
      () => `${observer.id} falls back to generation ${after.generation} of ${id}, from ${before.generation}`,
    );
    if (after.generation > before.generation) return;
    hold(
      after.maxVersion >= before.maxVersion && after.heartbeat >= before.heartbeat,
      'what is known of a life only grows',
      () =>
        `${observer.id} knew ${id} up to ${before.maxVersion} at ${before.heartbeat}, ` +
        `now up to ${after.maxVersion} at ${after.heartbeat}`,
    );
  }
}
