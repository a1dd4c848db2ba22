export { RetryBudget, type RetryBudgetOptions } from './retry-budget.js';
export {
  FlowingRetryBudget,
  flowingRetryDefaults,
  type FlowingRetryBudgetOptions,
} from './flowing-retry-budget.js';
