import { type LatencyTraining, type TrainedLatency, trainLatency } from './train-latency.js';
import { type StrategyTraining, type TrainedStrategy, trainStrategy } from './train-strategy.js';

/** All that is trained in one run; plain data, which can be passed to a thread. */
export interface TrainingTask {
  readonly strategies: readonly StrategyTraining[];
  readonly latency: LatencyTraining;
}

export interface Trained {
  readonly strategies: readonly TrainedStrategy[];
  readonly latency: TrainedLatency | undefined;
}

/** Pure: the same task gives the same models. */
export const trainAll = ({ strategies, latency }: TrainingTask): Trained => ({
  strategies: strategies.flatMap((training) => trainStrategy(training) ?? []),
  latency: trainLatency(latency),
});
