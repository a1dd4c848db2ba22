export { Pending } from './pending.js';
export { planRelays, type RelayPlan, type Subtree, type Target } from './plan.js';
