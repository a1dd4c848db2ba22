import {
  type Effects,
  type GossipOptions,
  type Input,
  type MemberId,
  messageBytes,
} from '@nexus/core/gossip';
import { meshSettings } from '@nexus/mesh';
import { calmCluster, type GossipCluster, type GossipCores } from '@nexus/testing';
import { Bytes } from './bytes.js';

interface MeasuredOptions {
  readonly nodes: number;
  readonly loss: number;
  readonly seed: number;
  readonly member: GossipCores['GossipMember'];
  readonly settings?: Partial<Settings>;
}

type Settings = Omit<GossipOptions, 'self' | 'cluster'>;
type Host = GossipCluster['hosts'] extends ReadonlyMap<string, infer One> ? One : never;
export type Listener = (id: MemberId, input: Input, effects: Effects) => void;

/** As the services have them. */
export const settings: Settings = meshSettings;

/** What the services say of how they do is about so long. */
const vitalsText = '{"cpu":0.42,"memory":0.31,"loopLagMs":1.5,"rttMs":0.8}';

/** As the simulation calls them. */
export const namesOf = (nodes: number): MemberId[] =>
  Array.from({ length: nodes }, (_, at) => `m${at + 1}` as MemberId);

/** Bytes are counted of so many members at most, evenly chosen. */
const weighedMax = 100;
/** What everybody has published before anything is measured. */
const published = { key: 'key0', value: 'as published' } as const;

const begin = (host: Host): void => {
  host.start();
  host.change({ kind: 'put', ...published, urgent: false });
};

/** A cluster, its rounds and its bytes. */
export class MeasuredCluster {
  readonly bytes: Bytes;
  readonly cluster: GossipCluster;
  readonly roundMs: number;
  private readonly listeners = new Set<Listener>();

  constructor(readonly options: MeasuredOptions) {
    const { nodes, loss, seed, member } = options;
    const every = Math.ceil(nodes / weighedMax);
    const weighed = new Set(namesOf(nodes).filter((_, at) => at % every === 0));
    this.bytes = new Bytes(messageBytes, (id) => weighed.has(id));
    const chosen = { ...settings, ...options.settings };
    this.roundMs = chosen.roundMs;
    this.cluster = calmCluster({
      ...{ nodes, loss, seed, settings: chosen, vitals: vitalsText },
      cores: { GossipMember: member, messageBytes },
      watch: (id, input, effects) => {
        this.bytes.stepped(id, input, effects);
        for (const listener of this.listeners) listener(id, input, effects);
      },
    });
  }

  get nowMs(): number {
    return this.cluster.context.timeline.nowMs;
  }

  get hosts() {
    return [...this.cluster.hosts.values()];
  }

  /** Lets so many rounds pass. */
  run(rounds: number): void {
    this.cluster.context.timeline.run(this.nowMs + rounds * this.roundMs);
  }

  /** Tells of every step until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Starts everybody within a round, and lets them find each other.
   * @returns the rounds that it took until each knew all; null when `roundsMax` were not enough
   */
  form(roundsMax: number): number | null {
    this.start();
    for (let round = 1; round <= roundsMax; round++) {
      this.run(1);
      if (this.isFormed) return round;
    }
    return null;
  }

  /**
   * Starts everybody at once, and lets each answer all others before the first round, so that all know all from the start.
   * @returns whether they do
   */
  introduce(): boolean {
    for (const host of this.hosts) begin(host);
    const { cluster } = this.cluster.context.scenario.gossip;
    for (const { id, kind, life } of this.hosts) {
      if (!life) continue;
      const { generation } = life;
      const counts = { heartbeat: 1, maxVersion: 1, collectedVersion: 0, viewHash: 0 };
      const digest = [{ id, kind, generation, ...counts, vitals: '' }];
      const changes = [{ ...published, version: 1 }];
      const deltas = [{ id, kind, generation, fromVersion: 0, collectedVersion: 0, reset: false, changes }];
      const message = { kind: 'syn_ack', cluster, generation, digest, deltas } as const;
      for (const host of this.hosts)
        if (host.id !== id) host.process?.post({ kind: 'message', from: id, fromKind: kind, message });
    }
    this.run(1);
    return this.isFormed;
  }

  /** Everybody within a round, with one key each. */
  start(): void {
    const { timeline, random } = this.cluster.context;
    const starts = random.fork('starts');
    for (const host of this.hosts) timeline.after(starts.between(0, this.roundMs), () => begin(host));
  }

  private get isFormed(): boolean {
    const { hosts } = this;
    return hosts.every(({ views }) => {
      const alive = views.filter(({ status, maxVersion }) => status === 'alive' && maxVersion > 0);
      return alive.length === hosts.length;
    });
  }
}
