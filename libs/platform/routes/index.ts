export { type LoadSnapshot, loadSnapshotOverNats } from './load-snapshot.js';
export {
  type AgentGoneListener,
  type RemovalReason,
  RouteFollower,
  type RouteFollowerOptions,
} from './route-follower.js';
export { routesHint } from './routes-hint.js';
export { targetSetOf } from './target-set-of.js';
