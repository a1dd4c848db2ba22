import { type Channel } from '@nexus/core/causality';
import { type Coverage } from '../coverage.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Timeline } from '../timeline.js';
import { type Trace } from '../trace.js';
import { type CausalityCores } from './cores.js';
import { type History } from './history.js';
import { type Judge } from './judge.js';
import { type Listener } from './listener.js';
import { type CausalityScenario } from './scenario.js';

/** What all parts of one simulated world have in common. */
export interface CausalityContext {
  readonly scenario: CausalityScenario;
  readonly cores: CausalityCores;
  readonly random: SeededRandom;
  readonly timeline: Timeline;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly history: History;
  readonly judge: Judge;
  readonly names: readonly string[];
  readonly channels: readonly Channel[];
  readonly membersOf: (channel: Channel) => readonly string[];
  readonly listenersOf: (channel: Channel) => readonly Listener[];
  readonly bounded: (isBounded: boolean, what: string) => void;
}
