import { type Coverage } from '../coverage.js';
import { type Timeline } from '../timeline.js';
import { type Trace } from '../trace.js';
import { type Cores } from './cores.js';
import { type Invariants } from './invariants/invariants.js';
import { type ProposalTable } from './proposal-table.js';
import { type Scenario } from './scenario.js';

/** What all parts of one simulated world have in common. */
export interface WorldContext {
  readonly scenario: Scenario;
  readonly cores: Cores;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly invariants: Invariants;
  readonly table: ProposalTable;
}
