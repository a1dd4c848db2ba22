import { type DecisionRecorder } from '../decisions/decision-recorder.js';
import { type Layer } from '../ladder/layer.js';
import { type BroadcastPattern } from './broadcast.pattern.js';
import { ConsensusPattern } from './consensus.pattern.js';
import { GatherPattern } from './gather.pattern.js';
import { LoadBalancePattern } from './load-balance.pattern.js';
import { type WorkOptions } from './work-plan.js';

export interface FoundationParts {
  readonly work: WorkOptions;
  readonly recorder: DecisionRecorder;
  readonly broadcast: BroadcastPattern;
}

/** Proven patterns on each agent's own subject, with one global round robin. */
export const foundationLayer = ({ work, recorder, broadcast }: FoundationParts): Layer => ({
  name: 'foundation',
  patterns: {
    broadcast,
    gather: new GatherPattern(work.line),
    consensus: new ConsensusPattern(work.line, recorder),
    load_balance: new LoadBalancePattern(work),
  },
});
