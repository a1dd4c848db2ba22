import { type GossipOptions } from '@nexus/core/gossip';
import { Coverage } from '../coverage.js';
import { SeededRandom } from '../seeded-random.js';
import { Timeline } from '../timeline.js';
import { Trace } from '../trace.js';
import { Cluster } from './cluster.js';
import { type GossipCores } from './cores.js';
import { Truth } from './truth.js';
import { type GossipContext } from './world-context.js';

export interface CalmOptions {
  readonly nodes: number;
  readonly loss: number;
  readonly seed: number;
  readonly settings: Omit<GossipOptions, 'self' | 'cluster'>;
  readonly vitals: string;
  readonly cores: GossipCores;
  readonly watch: NonNullable<GossipContext['watch']>;
}

const eventsMax = 1_000_000_000;

/** Relays on a network like a rack's, where nothing happens but what is measured. They are not started yet. */
export function calmCluster(options: CalmOptions): Cluster {
  const { nodes, loss, seed, settings, vitals, cores, watch } = options;
  return new Cluster({
    ...{ cores, watch, epochMs: 1_700_000_000_000 },
    timeline: new Timeline(eventsMax),
    coverage: new Coverage(),
    truth: new Truth(),
    trace: new Trace(),
    random: new SeededRandom(seed).fork('measured'),
    scenario: {
      ...{ seed, leaves: [], newcomers: [], keys: [], steps: [], troubleMs: 0, putsPerRound: 0, vitals },
      relays: Array.from({ length: nodes }, (_, at) => `m${at + 1}`),
      gossip: { ...settings, cluster: 'measured' },
      jitter: 0.1,
      clockSpreadMs: 500,
      quality: {
        ...{ lossChance: loss, duplicateChance: 0, reorderChance: 0 },
        ...{ delayMsMin: 0.2, delayMsMax: 5, lateMsMax: 0 },
      },
    },
  });
}
