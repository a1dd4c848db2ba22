import { setTimeout as sleep } from 'node:timers/promises';
import { type SeededRandom } from '@nexus/testing';
import { downMaxOf } from './cast.js';
import { type Fleet } from './fleet.js';
import { type MemberProcess } from './members/member-process.js';

export interface VolleyOptions {
  readonly fleet: Fleet;
  readonly random: SeededRandom;
  /** Of all members, killed at once. */
  readonly killShare: number;
  readonly roundMs: number;
  /** In milliseconds: a member that stays away stays so for longer. */
  readonly noticedWithinMs: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Volley {
  /** On the wall clock. */
  readonly atMs: number;
  readonly back: readonly string[];
  readonly away: readonly string[];
}

/** Whoever comes back takes seconds of a core to start: with less between two volleys two cores would do nothing else. */
const everyRounds = { min: 15, max: 25 };
/** A member that was not there yet cannot be missed. */
const settledRounds = 10;
const backAfterMs = { min: 200, max: 3_000 };
const awayBeyondMs = { min: 2_000, max: 15_000 };
const awayShare = 0.5;

/** Kills a share of the members again and again. Half of them are back at once, the others stay away for a while. */
export class Volleys {
  readonly played: Volley[] = [];
  private readonly returns = new Set<Promise<void>>();

  constructor(private readonly options: VolleyOptions) {}

  /** Goes on for so long; then everybody comes back. */
  async play(durationMs: number): Promise<void> {
    const { random, roundMs, signal } = this.options;
    const deadline = performance.now() + durationMs;
    for (;;) {
      const waitMs = roundMs * random.between(everyRounds.min, everyRounds.max);
      if (performance.now() + waitMs > deadline) break;
      await sleep(waitMs, undefined, { signal });
      await this.fire();
    }
    await Promise.all(this.returns);
  }

  private async fire(): Promise<void> {
    const { random, noticedWithinMs, say } = this.options;
    const victims = this.choose();
    const atMs = Date.now();
    const stays = new Map(victims.map((victim) => [victim, random.chance(awayShare)]));
    await Promise.all(victims.map((victim) => victim.kill()));
    for (const [victim, staysAway] of stays) {
      const { min, max } = staysAway ? awayBeyondMs : backAfterMs;
      this.return(victim, random.between(min, max) + (staysAway ? noticedWithinMs : 0));
    }
    const named = (away: boolean) =>
      victims.filter((victim) => stays.get(victim) === away).map(({ part }) => part.id);
    const volley = { atMs, back: named(false), away: named(true) };
    this.played.push(volley);
    say(`killed ${volley.back.join(' ') || 'none'}; to stay away ${volley.away.join(' ') || 'none'}`);
  }

  /** At random, but so that every service is still served. */
  private choose(): MemberProcess[] {
    const { fleet, random, killShare, roundMs } = this.options;
    const settledAtMs = Date.now() - settledRounds * roundMs;
    const settled = fleet.members.filter(({ life }) => (life?.joinedAtMs ?? Infinity) < settledAtMs);
    const wanted = Math.max(1, Math.round(killShare * fleet.members.length));
    const chosen: MemberProcess[] = [];
    for (const member of random.shuffled(settled)) {
      const { role } = member.part;
      const falling = chosen.filter(({ part }) => part.role === role).length;
      const isToSpare = fleet.down(role) + falling < downMaxOf(role, fleet.count(role));
      if (chosen.length < wanted && isToSpare) chosen.push(member);
    }
    return chosen;
  }

  private return(member: MemberProcess, afterMs: number): void {
    const { signal } = this.options;
    const coming = sleep(afterMs, undefined, { signal }).then(() => member.start());
    this.returns.add(coming);
    // Whoever waits for all of them hears of it.
    coming.catch(() => undefined);
  }
}
