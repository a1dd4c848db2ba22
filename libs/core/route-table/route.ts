/** What the table must know of a row; a row may carry more, which the table hands through. */
export interface Route {
  readonly agentId: string;
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  readonly node?: string | undefined;
  readonly weight: number;
  readonly maxConcurrency?: number | undefined;
  readonly liveness: 'alive' | 'suspected';
  /** Version of the table at which this row last changed. */
  readonly version: number;
}

/** Which table, and how far: versions count on by one within an epoch, and mean nothing across epochs. */
export interface Position {
  readonly epoch: string;
  readonly version: number;
}

export type RouteChange<R extends Route> =
  | { readonly kind: 'upsert'; readonly route: R }
  | { readonly kind: 'remove'; readonly agentId: string; readonly reason: 'left' | 'gone' };

/** The change that made `version` out of `version - 1`. */
export interface RouteDelta<R extends Route> extends Position {
  readonly change: RouteChange<R>;
}

/** All rows. Rows newer than `version` are allowed: a snapshot is taken a page at a time while the table moves on. */
export interface RouteSnapshot<R extends Route> extends Position {
  readonly routes: readonly R[];
}

/** Which agents are meant. */
export type RouteSelector =
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'capability'; readonly capability: string }
  | { readonly kind: 'all' };

/** Rows must match every field that is given. */
export interface RouteFilter {
  readonly group?: string | undefined;
  readonly capability?: string | undefined;
  readonly node?: string | undefined;
}
