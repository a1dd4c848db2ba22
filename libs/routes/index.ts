export { type Address, AddressBook, type Addressee } from './address-book.js';
export { type LoadSnapshot, loadSnapshotOverNats } from './load-snapshot.js';
export {
  type AgentGoneListener,
  type RemovalReason,
  RouteFollower,
  type RouteFollowerOptions,
} from './route-follower.js';
export { publicFeed, type RouteFeed, type RoutesPage, serviceFeed } from './route-feed.js';
export { targetSetOf } from './target-set-of.js';
