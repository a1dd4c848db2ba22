import { type RaftOptions } from '@nexus/core/raft';
import { type Step } from '../fault.js';
import { SeededRandom } from '../seeded-random.js';
import { type LinkQuality } from '../simulated-network.js';
import { planSteps, type RaftFault } from './plan.js';

/** All that a seed decides beforehand. */
export interface Scenario {
  readonly seed: number;
  readonly membersAtFirst: number;
  /** Newcomers included. */
  readonly hostsMax: number;
  readonly tickMs: number;
  readonly raft: Omit<RaftOptions, 'self' | 'random'>;
  readonly quality: LinkQuality;
  readonly flushMsMax: number;
  readonly operationsPerSecond: number;
  readonly readShare: number;
  /** A member makes a snapshot after so many entries. */
  readonly compactEvery: number;
  /** How long the phase with faults takes. */
  readonly safetyMs: number;
  readonly steps: readonly Step<RaftFault>[];
}

/** Of a proposal here: four bytes, and what the log counts beside a command. */
const entryBytes = 36;

/** Random numbers of their own for each part, so that none changes another. */
export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed).fork('scenario');
  const membersAtFirst = random.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5]);
  const electionTicksMin = random.pick([8, 10, 12]);
  const tickMs = 10;
  const safetyMs = random.between(2_500, 4_500);
  const hostsMax = membersAtFirst + 3;
  return {
    seed,
    membersAtFirst,
    hostsMax,
    tickMs,
    raft: {
      electionTicksMin,
      electionTicksMax: 2 * electionTicksMin,
      heartbeatTicks: random.pick([2, 3]),
      appendBytesMax: entryBytes * random.pick([1, 3, 10, 100]),
      appendsInFlightMax: random.pick([1, 2, 4, 8]),
      commandBytesMax: 4,
      uncommittedBytesMax: entryBytes * random.pick([6, 20, 100]),
      readsMax: random.pick([2, 16]),
      snapshotChunkBytes: random.pick([300, 700, 4_000]),
      entriesRetained: random.pick([0, 3, 20]),
    },
    quality: {
      lossChance: random.pick([0, 0, 0.01, 0.05]),
      duplicateChance: random.pick([0, 0.01, 0.05]),
      reorderChance: random.pick([0, 0.02, 0.1]),
      delayMsMin: 0.2,
      delayMsMax: random.pick([2, 5, 15]),
      lateMsMax: random.pick([30, 200, 500]),
    },
    flushMsMax: random.pick([1, 4, 15]),
    operationsPerSecond: random.pick([30, 60, 100]),
    readShare: random.pick([0.2, 0.5]),
    compactEvery: random.pick([8, 20, 60]),
    safetyMs,
    steps: planSteps(new SeededRandom(seed).fork('plan'), {
      membersAtFirst,
      safetyMs,
      electionMs: electionTicksMin * tickMs,
    }),
  };
}
