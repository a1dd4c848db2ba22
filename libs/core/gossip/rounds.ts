import { type DigestWriter } from './digest.js';
import { type Exchange } from './exchange.js';
import { fanOut } from './fan-out.js';
import { type MemberId } from './identity.js';
import { type Liveness } from './liveness.js';
import { type Membership } from './membership.js';
import { envelopeBytes } from './message-size.js';
import { type Leave } from './message.js';
import { type Outbox } from './outbox.js';
import { type Owner } from './owner.js';
import { type StepContext } from './step.js';

/**
 * How often a member that has peers asks a seed all the same, so that islands find together. In a small island each does so
 * more often: about one of it does, each round.
 */
const seedRoundsMost = 30;
/** Rounds that urgent changes may start between two regular ones; further changes go with the regular one. */
const immediateRoundsMax = 3;

export interface RoundsParts {
  readonly cluster: string;
  readonly membership: Membership;
  readonly owner: Owner;
  readonly liveness: Liveness;
  readonly digests: DigestWriter;
  readonly exchange: Exchange;
  readonly outbox: Outbox;
}

/** When to gossip, and with whom. */
export class Rounds {
  private immediateRounds = 0;

  constructor(private readonly parts: RoundsParts) {}

  regular({ nowMs, random }: StepContext): void {
    const { membership, owner, liveness, digests, outbox } = this.parts;
    membership.round++;
    this.immediateRounds = 0;
    outbox.budget.refill();
    liveness.judge(nowMs);
    membership.forgetExpired();
    owner.beat();
    digests.shuffle(random);
    this.gossip([...this.drawPeers(random), ...this.drawOthers(random)], 'all');
  }

  /** An important change does not wait for its time. Nobody is judged, and nothing is told but what changed lately. */
  immediate({ random }: StepContext): void {
    if (this.immediateRounds >= immediateRoundsMax) return;
    this.immediateRounds++;
    this.gossip(this.drawPeers(random), 'hot');
  }

  /** A last round, with bytes of its own, to everybody who can be reached, as far as they go: who misses it will notice. */
  sayGoodbye(): void {
    const { cluster, membership, outbox } = this.parts;
    const { generation, heartbeat } = membership.self.entry;
    const message: Leave = { kind: 'leave', cluster, generation, heartbeat };
    outbox.budget.refill();
    for (let index = 0; index < membership.reachable.size; index++)
      outbox.send({ to: membership.reachable.at(index)!.id, message }, envelopeBytes(cluster));
  }

  private gossip(contacts: readonly (MemberId | 'seed')[], scope: 'all' | 'hot'): void {
    const { digests, exchange, outbox } = this.parts;
    const bytesMax = outbox.budget.forAsking(contacts.length);
    digests.beginRound(bytesMax);
    for (const to of contacts) exchange.begin(to, bytesMax, scope);
  }

  private drawPeers(random: () => number): MemberId[] {
    const { reachable, liveCount } = this.parts.membership;
    return reachable.draw(fanOut(liveCount), random).map(({ id }) => id);
  }

  /** Now and then one that seems lost, more often the more are lost, and a seed. Always a seed when there is nobody else. */
  private drawOthers(random: () => number): (MemberId | 'seed')[] {
    const { reachable, unreachable, liveCount } = this.parts.membership;
    const others: (MemberId | 'seed')[] = [];
    if (random() * liveCount < unreachable.size)
      others.push(...unreachable.draw(1, random).map(({ id }) => id));
    if (reachable.size === 0 || random() * Math.min(seedRoundsMost, liveCount) < 1) others.push('seed');
    return others;
  }
}
