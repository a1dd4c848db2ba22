import { type GossipOptions } from '@nexus/core/gossip';
import { type Step } from '../fault.js';
import { SeededRandom } from '../seeded-random.js';
import { type LinkQuality } from '../simulated-network.js';
import { type GossipFault, planSteps } from './plan.js';

/** All that a seed decides beforehand. */
export interface GossipScenario {
  readonly seed: number;
  readonly relays: readonly string[];
  readonly leaves: readonly string[];
  /** Of both: those that are not there from the start. */
  readonly newcomers: readonly string[];
  readonly gossip: Omit<GossipOptions, 'self'>;
  /** Share by which a round is early or late. */
  readonly jitter: number;
  /** Wall clocks differ by up to so much, either way. */
  readonly clockSpreadMs: number;
  readonly quality: LinkQuality;
  readonly putsPerRound: number;
  /** Of each member. */
  readonly keys: readonly string[];
  /** What each heartbeat carries. */
  readonly vitals: string;
  /** How long the phase with faults takes. */
  readonly troubleMs: number;
  readonly steps: readonly Step<GossipFault>[];
}

const names = (letter: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);

/** Random numbers of their own for each part, so that none changes another. */
export function scenarioOf(seed: number): GossipScenario {
  const random = new SeededRandom(seed).fork('scenario');
  const relays = names('m', random.integer(2, 6));
  const leaves = names('a', random.pick([0, 0, 1, 2]));
  const roundMs = 1_000;
  // Now and then more and larger values than one message holds.
  const isHeavy = random.chance(0.3);
  const messageBytesMax = random.pick(isHeavy ? [1_900, 2_500] : [1_350, 2_500, 8_000]);
  const tombstoneRounds = random.pick([25, 40]);
  const troubleMs = roundMs * random.between(30, 70);
  const newcomers = [...relays.slice(2), ...leaves].filter(() => random.chance(0.25));
  return {
    seed,
    relays,
    leaves,
    newcomers,
    gossip: {
      cluster: 'simulated',
      roundMs,
      messageBytesMax,
      roundBytesMax: messageBytesMax * random.pick([2, 4, 8]),
      membersMax: 40,
      keysMax: 12,
      valueBytesMax: isHeavy ? 600 : 64,
      phiSuspect: 8,
      suspicionRounds: random.pick([3, 5]),
      tombstoneRounds,
      // Ten times what services grant. Machines here start anew with clocks that went back by 200 s, besides what they differ
      // by: a member must be able to take a life above the one that the others remember of it, or it stays shut out.
      generationAheadMsMax: 600_000,
    },
    jitter: random.pick([0.05, 0.1, 0.2]),
    clockSpreadMs: random.pick([0, 500, 30_000]),
    quality: {
      lossChance: random.pick([0, 0, 0.02, 0.1]),
      duplicateChance: random.pick([0, 0.05]),
      reorderChance: random.pick([0, 0.05]),
      delayMsMin: 0.5,
      delayMsMax: random.pick([3, 30, 150]),
      lateMsMax: random.pick([100, 1_500]),
    },
    vitals: '{"cpu":0.5}',
    keys: names('k', isHeavy ? 10 : 5),
    putsPerRound: random.pick(isHeavy ? [3, 6] : [0.3, 1, 3]),
    troubleMs,
    steps: planSteps(new SeededRandom(seed).fork('plan'), {
      names: [...relays, ...leaves],
      newcomers,
      roundMs,
      troubleMs,
      tombstoneRounds,
    }),
  };
}
