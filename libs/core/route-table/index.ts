export { assignable } from './assignable.js';
export {
  type Position,
  type Route,
  type RouteChange,
  type RouteDelta,
  type RouteFilter,
  type RouteSelector,
  type RouteSnapshot,
} from './route.js';
export { type Applied, type Resolution, type RoutePage, RouteTable } from './route-table.js';
