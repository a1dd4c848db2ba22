import { type LocalHealth } from './local-health.js';
import { type Membership } from './membership.js';
import { type MemberState } from './member-state.js';
import { type GossipOptions } from './options.js';
import { type Outbox } from './outbox.js';
import { noViewHash } from './view-hash.js';

export interface LivenessParts {
  readonly options: GossipOptions;
  readonly membership: Membership;
  readonly health: LocalHealth;
  readonly outbox: Outbox;
}

/**
 * Suspects the silent and gives up those who stay so. Each member judges for itself, by what it heard: nobody is accused
 * before others, so nobody is buried by one slow observer. A heartbeat that advances is the refutation.
 */
export class Liveness {
  constructor(private readonly parts: LivenessParts) {}

  /** Before anything is heard: whoever was stopped reads its unread post before its late round. */
  wake(nowMs: number): void {
    const { membership, health } = this.parts;
    if (this.isLongAway(health.lateMs(nowMs))) membership.isCatchingUp = true;
  }

  /** Once a round, at its beginning. */
  judge(nowMs: number): void {
    const { membership, health } = this.parts;
    const lateMs = health.beginRound(nowMs);
    membership.isCatchingUp = this.isLongAway(lateMs);
    if (lateMs > 0) {
      this.forgive(lateMs, nowMs);
      return;
    }
    const { vouched, self } = membership;
    // Backwards: who is given up leaves the list, and the last one takes its place.
    for (let index = vouched.size - 1; index >= 0; index--) {
      const state = vouched.at(index)!;
      if (state === self) continue;
      if (state.standing === 'alive') this.suspect(state, nowMs);
      else this.giveUp(state, nowMs);
    }
  }

  /** Shorter absences outlast no suspicion: whoever is under load tells of others all the same. */
  private isLongAway(lateMs: number): boolean {
    const { suspicionRounds, roundMs } = this.parts.options;
    return lateMs >= suspicionRounds * roundMs;
  }

  private suspect(state: MemberState, nowMs: number): void {
    const { options, membership, health, outbox } = this.parts;
    const { phi, id, entry } = state;
    if (phi.silentMs(nowMs) <= health.stretch * phi.silenceFor(options.phiSuspect)) return;
    state.suspectedMs = nowMs;
    membership.place(state, 'suspected');
    outbox.tell({ kind: 'suspected', id, generation: entry.generation });
  }

  /** A round here is the member's own usual interval, if that is longer: it has so many chances to be heard. */
  private giveUp(state: MemberState, nowMs: number): void {
    const { options, membership, health, outbox } = this.parts;
    const { phi, id, entry } = state;
    const roundMs = Math.max(options.roundMs, phi.intervalMs);
    if (nowMs - state.suspectedMs < health.stretch * options.suspicionRounds * roundMs) return;
    state.sightings = 0;
    membership.place(state, 'dead');
    outbox.tell({ kind: 'gone', id, generation: entry.generation, reason: 'dead' });
  }

  /** We were not there to listen: nobody was silent, and what all said to know before is no word about now. */
  private forgive(ms: number, nowMs: number): void {
    const { membership } = this.parts;
    for (const state of membership.all()) {
      state.phi.forgive(ms, nowMs);
      // Suspicion began in a round, so at least as long ago.
      state.suspectedMs += ms;
      if (state !== membership.self) membership.update(state, { ...state.entry, viewHash: noViewHash });
    }
  }
}
