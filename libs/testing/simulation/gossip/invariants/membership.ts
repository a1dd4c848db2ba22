import { type Change, type MemberId, type MemberView } from '@nexus/core/gossip';
import { hold } from '../../violation.js';
import { type Observer, type Stepped } from '../stepped.js';
import { type Trouble } from '../../trouble.js';
import { type Life, type Truth } from '../truth.js';

interface MembershipOptions {
  readonly truth: Truth;
  readonly trouble: Trouble;
  readonly nowMs: () => number;
  readonly roundMs: number;
  /** Leaves hear of each other through these alone. */
  readonly relays: readonly MemberId[];
}

/** How long after a trouble it may still be the reason why somebody is called dead. */
const aftermathRounds = 30;
/** A round that comes so much later than it should was not one of a process that ran. */
const lateRounds = 4;
/** Within so many rounds who died is noticed. */
export const noticedRounds = 20;
/** And who starts is known, whatever was said of its earlier lives. */
export const welcomeRounds = 30;

/** Who is called alive, dead or gone, and for what reason. */
export class Membership {
  /** Lives that were over, by the life of who said so. */
  private readonly buried = new WeakMap<Life, Set<Life>>();
  /** As they were when they were suspected, by the life of who suspects. */
  private readonly suspects = new WeakMap<Life, Map<MemberId, MemberView>>();
  /** When each began its last round. */
  private readonly rounds = new WeakMap<Life, number>();

  constructor(private readonly options: MembershipOptions) {}

  stepped({ observer, input, effects }: Stepped): void {
    if (input.kind === 'round') this.judgeRound(observer, effects.changes);
    for (const change of effects.changes) if (change.kind !== 'key') this.judge(observer, change);
  }

  /** Who was not there to listen cannot tell who was silent. */
  private judgeRound({ id, life, localMs }: Observer, changes: readonly Change[]): void {
    const lateMs = localMs - (this.rounds.get(life) ?? localMs);
    this.rounds.set(life, localMs);
    if (lateMs < lateRounds * this.options.roundMs) return;
    const accused = changes.find(({ kind }) => kind === 'suspected' || kind === 'gone');
    hold(
      accused === undefined,
      'a late round accuses nobody',
      () => `${id} does, ${lateMs.toFixed(0)} ms after its last`,
    );
  }

  /** Is to be called so long after a life ended without a word. */
  judgeNotice(observer: Observer, ended: Life): void {
    const view = observer.views.get(ended.id);
    hold(
      view === undefined || !ended.generations.has(view.generation) || isOver(view.status),
      'who died is noticed within 20 rounds',
      () => `${observer.id} still calls ${ended.id} ${view!.status}, phi ${view!.phi.toFixed(1)}`,
    );
  }

  /** Is to be called so long after a life began, if nothing has befallen anybody since. */
  judgeWelcome(observer: Observer, begun: Life): void {
    const view = observer.views.get(begun.id);
    hold(
      view?.status === 'alive' && begun.generations.has(view.generation),
      'who starts is known by all within 30 rounds',
      () => `${observer.id} knows ${begun.id} as ${view ? `${view.status} of ${view.generation}` : 'nobody'}`,
    );
  }

  /** Whether nothing has happened lately that makes a member deaf or mute. */
  isCalm(...ids: readonly MemberId[]): boolean {
    const { trouble, nowMs, roundMs } = this.options;
    return ids.every((id) => !trouble.since(id, nowMs() - aftermathRounds * roundMs));
  }

  private couldHear({ id, kind }: Observer, other: MemberId): boolean {
    const { relays } = this.options;
    const isDirect = kind === 'relay' || relays.includes(other);
    return this.isCalm(id, other) && (isDirect || relays.some((relay) => this.isCalm(relay)));
  }

  private judge(observer: Observer, change: Exclude<Change, { kind: 'key' }>): void {
    const life = this.options.truth.lifeOf(change.id, change.generation);
    if (!life) return;
    const buried = this.buried.get(observer.life) ?? new Set<Life>();
    this.buried.set(observer.life, buried);
    this.judgeRefutation(observer, change);
    if (change.kind === 'gone') {
      hold(
        change.reason === 'dead' || life.left,
        'only who leaves has left',
        () => `${observer.id} says that ${change.id} left`,
      );
      hold(
        change.reason === 'left' || life.endedAtMs !== null || !this.couldHear(observer, change.id),
        'nobody is called dead who was up and could be reached',
        () => `${observer.id} calls ${change.id} dead`,
      );
      if (life.endedAtMs !== null) buried.add(life);
      return;
    }
    hold(
      !buried.has(life),
      'who is gone never returns',
      () => `${observer.id} says that ${change.id} of ${change.generation} ${change.kind}: that life is over`,
    );
  }

  /** A heartbeat that comes after suspicion began ends it. */
  private judgeRefutation({ id, life, views }: Observer, change: Exclude<Change, { kind: 'key' }>): void {
    const suspects = this.suspects.get(life) ?? new Map<MemberId, MemberView>();
    this.suspects.set(life, suspects);
    const view = views.get(change.id);
    const before = suspects.get(change.id);
    suspects.delete(change.id);
    if (!view) return;
    if (change.kind === 'suspected') suspects.set(change.id, view);
    if (change.kind !== 'gone' || change.reason === 'left' || before?.generation !== view.generation) return;
    hold(
      view.heartbeat === before.heartbeat,
      'nobody is called dead who was heard since it was suspected',
      () => `${id} does so of ${change.id}: ${before.heartbeat} then, ${view.heartbeat} now`,
    );
  }
}

const isOver = (status: string): boolean => status === 'dead' || status === 'left';
