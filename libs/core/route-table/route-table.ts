import { assert, assertNever } from '@nexus/core/invariant';
import {
  type Position,
  type Route,
  type RouteDelta,
  type RouteFilter,
  type RouteSelector,
  type RouteSnapshot,
} from './route.js';
import { RouteIndex } from './route-index.js';
import { byCharacters, SortedIds } from './sorted-ids.js';

/**
 * What became of a delta: it was applied; it says nothing new; one before it is missing; it belongs to another table
 * (or there is none yet), so that a snapshot has to be loaded.
 */
export interface Applied {
  readonly kind: 'applied' | 'duplicate' | 'gap' | 'other_epoch';
}

/** The agents that a selector names. */
export interface Resolution<R extends Route> {
  /** Ascending by id; callers must not change it, as it is handed out again. */
  readonly agents: readonly R[];
  /** Ids asked for that no row has, in the order of asking. */
  readonly unknown: readonly string[];
}

export interface RoutePage<R extends Route> {
  readonly routes: readonly R[];
  /** Ask on behind this id; null after the last page. */
  readonly next: string | null;
}

/** Most resolutions kept; more distinct selectors than this between two changes start the cache anew. */
const resolutionsMax = 256;

/**
 * The route table as its holders have it in memory. One writer numbers the changes; every holder applies them one by
 * one, in order, and loads a snapshot whenever it cannot. Invariant: what is here equals the writer's table as it
 * was at `position`, except for rows that a snapshot brought in a newer version already; for those an older change
 * is passed over, so the table never goes back, and equals the writer's again once it has caught up with the
 * snapshot's newest row.
 */
export class RouteTable<R extends Route = Route> {
  private readonly rows = new Map<string, R>();
  private ids = SortedIds.of([]);
  private readonly groups = new RouteIndex((route) => route.groups);
  private readonly capabilities = new RouteIndex((route) => route.capabilities);
  private readonly nodes = new RouteIndex((route) => (route.node === undefined ? [] : [route.node]));
  private readonly resolutions = new Map<string, Resolution<R>>();
  private at: Position | undefined;

  /** Undefined before the first snapshot. */
  get position(): Position | undefined {
    return this.at;
  }

  get size(): number {
    return this.rows.size;
  }

  get(agentId: string): R | undefined {
    return this.rows.get(agentId);
  }

  /** Every row, ascending by id. */
  all(): readonly R[] {
    return this.resolve({ kind: 'all' }).agents;
  }

  apply(delta: RouteDelta<R>): Applied {
    const { at } = this;
    if (at?.epoch !== delta.epoch) return { kind: 'other_epoch' };
    if (delta.version <= at.version) return { kind: 'duplicate' };
    if (delta.version > at.version + 1) return { kind: 'gap' };
    this.change(delta);
    this.at = { epoch: delta.epoch, version: delta.version };
    return { kind: 'applied' };
  }

  /** Replaces everything. */
  load(snapshot: RouteSnapshot<R>): void {
    this.rows.clear();
    for (const route of snapshot.routes) this.rows.set(route.agentId, route);
    this.ids = SortedIds.of(this.rows.keys());
    for (const index of this.indices()) index.rebuild(this.rows.values());
    this.resolutions.clear();
    this.at = { epoch: snapshot.epoch, version: snapshot.version };
  }

  resolve(selector: RouteSelector): Resolution<R> {
    switch (selector.kind) {
      case 'ids':
        return this.resolveIds(selector.ids);
      case 'group':
        return this.cached(`group ${selector.group}`, this.groups.get(selector.group));
      case 'capability':
        return this.cached(`capability ${selector.capability}`, this.capabilities.get(selector.capability));
      case 'all':
        return this.cached('all', this.ids);
      default:
        return assertNever(selector);
    }
  }

  /** The rows behind `after` that match, ascending by id. One filter field costs O(log rows + limit). */
  page(after: string | undefined, limit: number, filter: RouteFilter = {}): RoutePage<R> {
    assert(limit >= 1, 'a page holds at least one row');
    const ids = this.narrowest(filter);
    const routes: R[] = [];
    for (const id of ids?.behind(after) ?? []) {
      const route = this.row(id);
      if (!matches(route, filter)) continue;
      if (routes.length === limit) return { routes, next: routes[limit - 1]?.agentId ?? null };
      routes.push(route);
    }
    return { routes, next: null };
  }

  private change({ version, change }: RouteDelta<R>): void {
    const agentId = change.kind === 'upsert' ? change.route.agentId : change.agentId;
    const before = this.rows.get(agentId);
    if (before && before.version > version) return;
    if (before) for (const index of this.indices()) index.remove(before);
    if (change.kind === 'upsert') {
      this.rows.set(agentId, change.route);
      if (!before) this.ids.add(agentId);
      for (const index of this.indices()) index.add(change.route);
    } else if (before) {
      this.rows.delete(agentId);
      this.ids.delete(agentId);
    }
    this.resolutions.clear();
  }

  private indices(): readonly RouteIndex[] {
    return [this.groups, this.capabilities, this.nodes];
  }

  private resolveIds(ids: readonly string[]): Resolution<R> {
    const agents: R[] = [];
    const unknown: string[] = [];
    for (const id of new Set(ids)) {
      const route = this.rows.get(id);
      if (route) agents.push(route);
      else unknown.push(id);
    }
    agents.sort((left, right) => byCharacters(left.agentId, right.agentId));
    return { agents, unknown };
  }

  private cached(key: string, ids: SortedIds | undefined): Resolution<R> {
    const known = this.resolutions.get(key);
    if (known) return known;
    const agents = ids ? Array.from(ids.behind(), (id) => this.row(id)) : [];
    const resolution = { agents, unknown: [] };
    if (this.resolutions.size >= resolutionsMax) this.resolutions.clear();
    this.resolutions.set(key, resolution);
    return resolution;
  }

  /** The smallest set of ids that contains every match; undefined when there can be none. */
  private narrowest({ group, capability, node }: RouteFilter): SortedIds | undefined {
    const sets: (SortedIds | undefined)[] = [];
    if (group !== undefined) sets.push(this.groups.get(group));
    if (capability !== undefined) sets.push(this.capabilities.get(capability));
    if (node !== undefined) sets.push(this.nodes.get(node));
    if (sets.length === 0) return this.ids;
    return sets.reduce((least, set) => (least && set && set.size < least.size ? set : set && least));
  }

  private row(id: string): R {
    const route = this.rows.get(id);
    assert(route, 'every indexed id has a row');
    return route;
  }
}

const matches = (route: Route, { group, capability, node }: RouteFilter): boolean =>
  (group === undefined || route.groups.includes(group)) &&
  (capability === undefined || route.capabilities.includes(capability)) &&
  (node === undefined || route.node === node);
