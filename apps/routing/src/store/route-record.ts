import { type Route, routeSchema } from '@nexus/contracts';

/** What an agent said of itself when it registered; the rest of a row is the table's. */
export type RouteRecord = Omit<Route, 'liveness' | 'tokenHash' | 'version'>;

export interface RowState {
  readonly tokenHash: string;
  readonly liveness: string;
  readonly version: number;
}

export function recordOf({ liveness: _, tokenHash: __, version: ___, ...record }: Route): RouteRecord {
  return record;
}

/**
 * Joins a row from its parts as they are stored.
 * @throws ZodError, SyntaxError when Redis holds something that we did not write: no fault of whoever asked
 */
export function routeOf(recordJson: string, state: RowState): Route {
  const record: unknown = JSON.parse(recordJson);
  return routeSchema.parse({ ...(record as object), ...state });
}
