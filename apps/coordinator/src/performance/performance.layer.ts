import { type DecisionRecorder } from '../decisions/decision-recorder.js';
import { type Layer } from '../ladder/layer.js';
import { type BroadcastParts, BroadcastPattern } from '../patterns/broadcast.pattern.js';
import { ConsensusPattern } from '../patterns/consensus.pattern.js';
import { GatherPattern } from '../patterns/gather.pattern.js';
import { type BalancedWorkParts } from './balanced-plan.js';
import { BalancedWork } from './balanced-work.js';
import { Grouped } from './grouped.js';
import { Relayed } from './relays/relayed.js';

export interface PerformanceParts {
  readonly work: BalancedWorkParts;
  readonly recorder: DecisionRecorder;
  readonly broadcasts: BroadcastParts;
}

/** The same patterns with the fewest messages, or over relays, and work by what is known of each agent's load. */
export function performanceLayer({ work, recorder, broadcasts }: PerformanceParts): Layer {
  const strategy = 'performance_optimized';
  const asker = new Grouped(work.line, work.fleet);
  const relayed = new Relayed(work.line, work.fleet);
  return {
    name: 'performance',
    patterns: {
      broadcast: new BroadcastPattern(strategy, asker, broadcasts),
      gather: new GatherPattern(strategy, asker),
      consensus: new ConsensusPattern(strategy, asker, recorder),
      load_balance: new BalancedWork(work),
    },
    byName: [
      {
        broadcast: new BroadcastPattern('hierarchical', relayed, broadcasts),
        gather: new GatherPattern('hierarchical', relayed),
      },
    ],
  };
}
