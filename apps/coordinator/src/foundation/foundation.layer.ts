import { type Layer } from '../ladder/layer.js';
import { type BroadcastParts, BroadcastPattern } from '../patterns/broadcast.pattern.js';
import { ConsensusPattern } from '../patterns/consensus.pattern.js';
import { GatherPattern } from '../patterns/gather.pattern.js';
import { type DecisionRecorder } from '../decisions/decision-recorder.js';
import { LoadBalancePattern } from './load-balance.pattern.js';
import { OneByOne } from './one-by-one.js';
import { type WorkOptions } from './work-plan.js';

export interface FoundationParts {
  readonly work: WorkOptions;
  readonly recorder: DecisionRecorder;
  readonly broadcasts: BroadcastParts;
}

/** Proven patterns on each agent's own subject, with one global round robin. */
export function foundationLayer({ work, recorder, broadcasts }: FoundationParts): Layer {
  const asker = new OneByOne(work.line);
  return {
    name: 'foundation',
    patterns: {
      broadcast: new BroadcastPattern('foundation', asker, broadcasts),
      gather: new GatherPattern('foundation', asker),
      consensus: new ConsensusPattern('foundation', asker, recorder),
      load_balance: new LoadBalancePattern(work),
    },
  };
}
