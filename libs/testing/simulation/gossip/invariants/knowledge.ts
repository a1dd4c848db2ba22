import { type MemberDelta, type MemberId, type MemberView } from '@nexus/core/gossip';
import { hold } from '../../violation.js';
import { type Observer, type Stepped } from '../stepped.js';
import { type Life, type Truth } from '../truth.js';

interface Seen {
  readonly life: Life;
  readonly generation: number;
  readonly maxVersion: number;
  readonly heartbeat: number;
}

/** One step of one that knows. */
interface Glance {
  readonly seen: Map<MemberId, Seen>;
  /** Whose keys it says have changed. */
  readonly touched: ReadonlySet<MemberId>;
  /** Whose keys it was told from the beginning. */
  readonly begunAnew: ReadonlySet<MemberId>;
}

const deltasOf = ({ input }: Stepped): readonly MemberDelta[] =>
  input.kind === 'message' && 'deltas' in input.message ? input.message.deltas : [];

/** What members know of each other's states, at each moment and never to the worse (van Renesse et al. 2008, §2). */
export class Knowledge {
  /** By the life of who knows. */
  private readonly seen = new WeakMap<Life, Map<MemberId, Seen>>();

  /** Whose keys were to be taken anew: what stems from before that is not taken. By the life of who knows. */
  private readonly rebuilt = new WeakMap<Life, Set<MemberId>>();

  constructor(private readonly truth: Truth) {}

  stepped(step: Stepped): void {
    const { observer, effects } = step;
    const seen = this.seen.get(observer.life) ?? new Map<MemberId, Seen>();
    this.seen.set(observer.life, seen);
    this.judgeTaken(step, seen);
    const touched = new Set(effects.changes.flatMap((change) => (change.kind === 'key' ? [change.id] : [])));
    const begunAnew = new Set(deltasOf(step).flatMap(({ id, reset }) => (reset ? [id] : [])));
    for (const id of seen.keys()) if (!observer.views.has(id)) seen.delete(id);
    for (const view of observer.views.values()) this.judge(observer, view, { seen, touched, begunAnew });
  }

  /** Changes that follow on what is known are known from then on. */
  private judgeTaken(step: Stepped, seen: ReadonlyMap<MemberId, Seen>): void {
    const { observer, input, effects } = step;
    if (input.kind !== 'message' || effects.refused.length > 0) return;
    if (observer.views.get(input.from)?.status === 'left') return;
    const rebuilt = this.rebuilt.get(observer.life) ?? new Set<MemberId>();
    this.rebuilt.set(observer.life, rebuilt);
    for (const delta of deltasOf(step)) {
      if (delta.reset) rebuilt.add(delta.id);
      if (!rebuilt.has(delta.id)) this.judgeDelta(observer, delta, seen.get(delta.id));
    }
  }

  private judgeDelta(observer: Observer, delta: MemberDelta, before: Seen | undefined): void {
    const { id, generation, fromVersion, changes } = delta;
    const after = observer.views.get(id);
    if (before?.generation !== generation || fromVersion > before.maxVersion) return;
    if (after?.generation !== generation || after.status === 'left') return;
    hold(
      after.maxVersion >= (changes.at(-1)?.version ?? 0),
      'what follows on what is known is taken',
      () => `${observer.id} knows ${id} up to ${after.maxVersion}, and was told more`,
    );
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

  private judge(observer: Observer, view: MemberView, { seen, touched, begunAnew }: Glance): void {
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
    // Who missed collected tombstones forgets what it knew, and is told anew, piece by piece.
    const least = begunAnew.has(id) ? 0 : (before?.maxVersion ?? 0);
    const after = { life, generation, maxVersion, heartbeat };
    if (before) this.judgeProgress(observer, { ...before, maxVersion: least }, after, id);
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
