import {
  type Channel,
  type KeptOptions,
  type ReceiverOptions,
  type SenderOptions,
} from '@nexus/core/causality';
import { type Step } from '../fault.js';
import { SeededRandom } from '../seeded-random.js';
import { type LinkQuality } from '../simulated-network.js';
import { type CausalityFault, planSteps } from './plan.js';

/** All that a seed decides beforehand. */
export interface CausalityScenario {
  readonly seed: number;
  /** Send to all channels, and hear answers alone. */
  readonly coordinators: readonly string[];
  /** Hear the channels that they belong to, and send on them. */
  readonly agents: ReadonlyMap<string, readonly Channel[]>;
  /** Agents that are not there from the start. */
  readonly newcomers: readonly string[];
  readonly receiver: Omit<ReceiverOptions, 'channels' | 'self'>;
  readonly sender: Omit<SenderOptions, 'self'>;
  readonly kept: KeptOptions;
  readonly quality: LinkQuality;
  readonly sendsPerSecond: number;
  readonly troubleMs: number;
  readonly steps: readonly Step<CausalityFault>[];
}

const groups = ['group.red', 'group.green', 'group.blue'];

/** Random numbers of their own for each part, so that none changes another. */
export function scenarioOf(seed: number): CausalityScenario {
  const random = new SeededRandom(seed).fork('scenario');
  const coordinators = Array.from({ length: random.integer(1, 3) }, (_, at) => `c${at + 1}`);
  const names = Array.from({ length: random.integer(2, 5) }, (_, at) => `a${at + 1}`);
  const belongs = () => ['all', ...groups.filter(() => random.chance(0.6))];
  const agents = new Map(names.map((name) => [name, belongs()]));
  const newcomers = names.slice(1).filter(() => random.chance(0.3));
  const troubleMs = random.between(4_000, 10_000);
  return {
    ...{ seed, coordinators, agents, newcomers, troubleMs },
    receiver: {
      heldMax: random.pick([8, 64]),
      heldBytesMax: 100_000,
      sendersMax: 64,
      aheadMax: 1_000,
      repairAfterMs: random.pick([50, 150]),
      repairEveryMs: random.pick([200, 300]),
      repairsMax: 9,
      syncMs: 250,
      syncMsMax: 1_000,
      forgetAfterMs: 600_000,
    },
    sender: {
      ...{ sendersMax: 64, aheadMax: 1_000, introducedMax: 1_000 },
      ...{ channelsMax: 16, ownChannelsMax: 16, forgetAfterMs: 600_000 },
      ...{ beaconFirstMs: 250, beaconLastMs: 4_000 },
    },
    kept: {
      ...{ messagesMax: random.pick([6, 100, 100]), bytesMax: 100_000, ageMsMax: 60_000 },
      ...{ sendersMax: 64, receiversMax: 64, channelsMax: 16 },
    },
    quality: {
      lossChance: random.pick([0, 0.02, 0.1]),
      duplicateChance: random.pick([0, 0.1]),
      reorderChance: random.pick([0, 0.1, 0.4]),
      delayMsMin: 0.2,
      delayMsMax: random.pick([3, 20, 60]),
      lateMsMax: random.pick([50, 400]),
    },
    sendsPerSecond: random.pick([10, 20]),
    steps: planSteps(new SeededRandom(seed).fork('plan'), {
      names: [...coordinators, ...names],
      ...{ newcomers, troubleMs },
    }),
  };
}
