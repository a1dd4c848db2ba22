import { type ReplicaId } from '@nexus/contracts';
import { type Configuration, isMember, type MemberId } from '@nexus/core/raft';
import { memberIdOf, replicaIdOf } from '../member/member-id.js';
import { type Hello } from './hello.js';

/** A replica that says hello again and again is a newcomer until it was silent for so long, in milliseconds. */
const rememberedMs = 5_000;
const newcomersMax = 64;

/** Replicas that ask to become members. */
export class Newcomers {
  private readonly heardMs = new Map<MemberId, number>();

  constructor(private readonly nowMs: () => number) {}

  hear({ replicaId, storeId, stance }: Hello): void {
    if (stance !== 'waiting') return;
    const member = memberIdOf(replicaId, storeId);
    this.heardMs.delete(member);
    if (this.heardMs.size >= newcomersMax) this.forgetSilent();
    if (this.heardMs.size < newcomersMax) this.heardMs.set(member, this.nowMs());
  }

  /** Those that are no members. */
  outside(configuration: Configuration): readonly MemberId[] {
    this.forgetSilent();
    return [...this.heardMs.keys()].filter((member) => !isMember(configuration, member)).sort();
  }

  /** The newcomer of this name; of several the one heard last. */
  named(replicaId: ReplicaId, configuration: Configuration): MemberId | undefined {
    const outside = new Set(this.outside(configuration));
    return [...this.heardMs.keys()].findLast(
      (member) => outside.has(member) && replicaIdOf(member) === replicaId,
    );
  }

  private forgetSilent(): void {
    const since = this.nowMs() - rememberedMs;
    for (const [member, heardMs] of this.heardMs) if (heardMs < since) this.heardMs.delete(member);
  }
}
