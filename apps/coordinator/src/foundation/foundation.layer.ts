import { type DecisionRecorder } from '../decisions/decision-recorder.js';
import { type Layer } from '../ladder/layer.js';
import { BroadcastPattern } from './broadcast.pattern.js';
import { ConsensusPattern } from './consensus.pattern.js';
import { GatherPattern } from './gather.pattern.js';
import { LoadBalancePattern } from './load-balance.pattern.js';
import { type WorkOptions } from './work-plan.js';

/** Proven patterns on each agent's own subject, with one global round robin. */
export const foundationLayer = (options: WorkOptions, recorder: DecisionRecorder): Layer => ({
  name: 'foundation',
  patterns: {
    broadcast: new BroadcastPattern(options.line),
    gather: new GatherPattern(options.line),
    consensus: new ConsensusPattern(options.line, recorder),
    load_balance: new LoadBalancePattern(options),
  },
});
