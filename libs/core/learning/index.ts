export { isAdmissible, magnitudeMax } from './numbers/admissible.js';
export { type Estimate, wilsonInterval } from './numbers/estimate.js';
export { medianOf, quantileOf, winsorised } from './numbers/quantiles.js';
export { sigmaOfMad } from './numbers/normal.js';
export { type Shares, shareOf, timeOrderedSplit, withinQuotas, withinShares } from './samples/choosing.js';
export { type Insufficient } from './samples/insufficient.js';
export { Samples } from './samples/samples.js';
export { Standardiser, type StandardiserSnapshot } from './standardising/standardiser.js';
export { LinearModel, linearModelOf, type LinearSnapshot } from './regression/linear-model.js';
export { fitRidge, type RidgeOptions } from './regression/ridge.js';
export { type SgdOptions, SgdRegression, type SgdSnapshot } from './regression/sgd-regression.js';
export {
  type Classification,
  type ClassifierOptions,
  type ClassifierSnapshot,
  DecisionTree,
  growClassifier,
} from './tree/classifier.js';
export { growTree, type TreeOptions } from './tree/growing.js';
export { describePath, type PathStep, Tree, type TreeSnapshot } from './tree/tree.js';
export { conformalInterval, type PredictionInterval } from './intervals/conformal.js';
export { type Drift, PageHinkley, type PageHinkleyOptions } from './drift/page-hinkley.js';
export { ResidualWatch, type ResidualVerdict, type ResidualWatchOptions } from './drift/residual-watch.js';
export { RobustScale } from './drift/robust-scale.js';
export { explore, type Exploration, type ExploreInput } from './bandit/exploring.js';
export {
  advantageOf,
  type DoublyRobustInput,
  doublyRobustScores,
  ips,
  type LoggedChoices,
  selfNormalisedIps,
  valueOf,
} from './bandit/off-policy.js';
export {
  fitStrategy,
  type FittedStrategy,
  type InsufficientDecisions,
  type StrategyInput,
  type StrategyOptions,
} from './strategy/fitting.js';
export { type Contender, ProgressiveValidation, type ValidationInput } from './strategy/validation.js';
export { type StrategyChoice, StrategyModel, type StrategySnapshot } from './strategy/strategy-model.js';
