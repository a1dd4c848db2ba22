import { type AgentId, NexusError } from '@nexus/contracts';
import { type RouteFollower } from '@nexus/routes';
import {
  batchMax,
  type BeatAnswer,
  type Heartbeat,
  type HostFarewell,
  type HostHeard,
  type HostHeartbeat,
  type HostLeft,
  type Left,
  type NoTable,
  type Registered,
  type Registration,
  type RouteStore,
} from '../store/route-store.js';
import { type RouteChanges } from './route-changes.js';

/**
 * Changes the routes: in Redis first, then by telling everybody, ourselves included. A Redis that was wiped is restored
 * before anything is written to it, so that no id that is in use looks free.
 */
export class RouteRegistry {
  constructor(
    private readonly store: RouteStore,
    private readonly follower: RouteFollower,
    private readonly changes: RouteChanges,
  ) {}

  /** Registers at most `batchMax` agents; the outcomes are in their order. */
  async register(registration: Registration): Promise<Exclude<Registered, NoTable>> {
    const registered = await this.onTable(() => this.store.register(registration));
    if (registered.kind === 'host_taken') return registered;
    const news = { absent: 'joined', suspected: 'recovered', alive: undefined } as const;
    for (const joined of registered.agents) {
      if (joined.kind === 'registered') this.changes.publish(joined.delta, news[joined.before]);
    }
    return registered;
  }

  /** Takes at most `batchMax` signs of life; the answers are in their order. */
  async heartbeats(heartbeats: readonly Heartbeat[]): Promise<readonly BeatAnswer[]> {
    const { answers } = await this.onTable(() => this.store.heartbeats(heartbeats));
    for (const answer of answers) {
      if (answer.kind === 'recovered') this.changes.publish(answer.delta, 'recovered');
    }
    return answers;
  }

  /** Takes a sign of life of all agents of a host. */
  async hostHeartbeat(heartbeat: HostHeartbeat): Promise<Exclude<HostHeard, NoTable>> {
    for (;;) {
      const heard = await this.onTable(() => this.store.hostHeartbeat(heartbeat));
      if (heard.kind !== 'heard') return heard;
      for (const delta of heard.recovered) this.changes.publish(delta, 'recovered');
      if (heard.recovered.length < batchMax) return heard;
    }
  }

  /** Lets at most `batchMax` agents of a host leave. */
  async hostDeregister(farewell: HostFarewell): Promise<Exclude<HostLeft, NoTable>> {
    const left = await this.onTable(() => this.store.hostDeregister(farewell));
    if (left.kind === 'left') for (const delta of left.deltas) this.changes.publish(delta, 'left');
    return left;
  }

  async deregister(agentId: AgentId, tokenHash: string): Promise<Exclude<Left, NoTable>> {
    const left = await this.onTable(() => this.store.deregister(agentId, tokenHash));
    if (left.kind === 'left') this.changes.publish(left.delta, 'left');
    return left;
  }

  /** Judges silent agents, one batch; @returns how many were judged */
  async sweep(): Promise<number> {
    const { deltas } = await this.onTable(() => this.store.sweep());
    for (const delta of deltas) {
      this.changes.publish(delta, delta.change.kind === 'upsert' ? 'suspected' : 'left');
    }
    return deltas.length;
  }

  /** Tells where the table stands, and loads it anew when it is not the one we hold. */
  async tellPosition(): Promise<void> {
    if (!this.follower.ready) await this.follower.reload();
    const { epoch, version } = await this.store.position(this.follower.table.position);
    this.changes.beacon({ epoch, version });
    if (this.follower.table.position?.epoch !== epoch) await this.follower.reload();
  }

  private async onTable<T extends { readonly kind: string }>(
    change: () => Promise<T>,
  ): Promise<Exclude<T, NoTable>> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const outcome = await change();
      if (isOutcome(outcome)) return outcome;
      await this.follower.reload();
    }
    throw new NexusError('unavailable', 'the routes are being restored', { retryAfterMs: 1_000 });
  }
}

const isOutcome = <T extends { readonly kind: string }>(outcome: T): outcome is Exclude<T, NoTable> =>
  outcome.kind !== 'no_table';
