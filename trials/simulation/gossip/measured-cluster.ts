import {
  type Effects,
  type GossipOptions,
  type Input,
  type MemberId,
  messageBytes,
} from '@nexus/core/gossip';
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
export type Listener = (id: MemberId, input: Input, effects: Effects) => void;

/** As the services have them. */
export const settings: Settings = {
  roundMs: 1_000,
  messageBytesMax: 16 * 1_024,
  roundBytesMax: 32 * 1_024,
  membersMax: 4_096,
  keysMax: 1_024,
  valueBytesMax: 4_096,
  phiSuspect: 8,
  suspicionRounds: 5,
  tombstoneRounds: 120,
  generationAheadMsMax: 60_000,
};

/** What the services say of how they do is about so long. */
const vitalsText = '{"cpu":0.42,"memory":0.31,"loopLagMs":1.5,"rttMs":0.8}';

/** A cluster, its rounds and its bytes. */
export class MeasuredCluster {
  readonly bytes = new Bytes(messageBytes);
  readonly cluster: GossipCluster;
  readonly roundMs: number;
  private readonly listeners = new Set<Listener>();

  constructor(readonly options: MeasuredOptions) {
    const { nodes, loss, seed, member } = options;
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
    const { timeline, random } = this.cluster.context;
    const starts = random.fork('starts');
    for (const host of this.hosts) timeline.after(starts.between(0, this.roundMs), () => host.start());
    for (let round = 1; round <= roundsMax; round++) {
      this.run(1);
      if (this.isFormed) return round;
    }
    return null;
  }

  private get isFormed(): boolean {
    const { hosts } = this;
    return hosts.every(
      (host) => host.views.filter(({ status }) => status === 'alive').length === hosts.length,
    );
  }
}
