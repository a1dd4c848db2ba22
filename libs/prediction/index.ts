export { workWidth, writeFeatures, writeWork } from './features.js';
export { LatencyPredictor } from './latency-predictor.js';
export { type Advice, StrategyPredictor } from './strategy-predictor.js';
