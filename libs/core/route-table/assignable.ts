import { type Route } from './route.js';

/** Those of the rows that work may be given to: suspected agents get some only when there is nobody else. */
export function assignable<R extends Route>(routes: readonly R[]): readonly R[] {
  const alive = routes.filter(({ liveness }) => liveness === 'alive');
  return alive.length > 0 ? alive : routes;
}
