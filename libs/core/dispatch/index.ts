export { Dispatcher, type AgentCapacity, type DispatcherOptions, type RetryAllowance } from './dispatcher.js';
export type {
  DispatchEffect,
  DoneEffect,
  LateEffect,
  Outcome,
  SendEffect,
  SettledEffect,
  WorkError,
} from './effect.js';
