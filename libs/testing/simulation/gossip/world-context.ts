import { type Effects, type Input, type MemberId } from '@nexus/core/gossip';
import { type Coverage } from '../coverage.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Timeline } from '../timeline.js';
import { type Trace } from '../trace.js';
import { type GossipCores } from './cores.js';
import { type GossipScenario } from './scenario.js';
import { type Judge } from './stepped.js';
import { type Truth } from './truth.js';

/** What all parts of one simulated world have in common. */
export interface GossipContext {
  readonly scenario: GossipScenario;
  readonly cores: GossipCores;
  readonly random: SeededRandom;
  readonly timeline: Timeline;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly truth: Truth;
  /** What wall clocks show at the start, those that are right. */
  readonly epochMs: number;
  /** Looks into a member after each of its steps; nobody does when unset. */
  readonly judge?: Judge;
  /** Told what each step was and did; costs nothing beside. */
  readonly watch?: (id: MemberId, input: Input, effects: Effects) => void;
}
