import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignable, type Route, type RouteChange, RouteTable } from './index.js';

const route = (agentId: string, over: Partial<Route> = {}): Route => ({
  agentId,
  groups: [],
  capabilities: [],
  weight: 1,
  liveness: 'alive',
  version: 0,
  ...over,
});

const upsert = (version: number, row: Route, epoch = 'e1') => ({
  epoch,
  version,
  change: { kind: 'upsert' as const, route: { ...row, version } },
});
const remove = (version: number, agentId: string, epoch = 'e1') => ({
  epoch,
  version,
  change: { kind: 'remove' as const, agentId, reason: 'left' as const },
});
const idsOf = (routes: readonly Route[]) => routes.map(({ agentId }) => agentId);

function loaded(...rows: Route[]): RouteTable {
  const table = new RouteTable();
  table.load({ epoch: 'e1', version: 0, routes: rows });
  return table;
}

describe('RouteTable', () => {
  it('takes no delta before a snapshot', () => {
    const table = new RouteTable();
    expect(table.apply(upsert(1, route('a'))).kind).toBe('other_epoch');
    expect(table.position).toBeUndefined();
    expect(table.all()).toEqual([]);
  });

  it('tells applied, duplicate, gap and other epoch apart, and moves only when applied', () => {
    const table = loaded();
    expect(table.apply(upsert(1, route('a'))).kind).toBe('applied');
    expect(table.apply(upsert(1, route('b'))).kind).toBe('duplicate');
    expect(table.apply(upsert(3, route('b'))).kind).toBe('gap');
    expect(table.apply(upsert(2, route('b'), 'e2')).kind).toBe('other_epoch');
    expect(table.position).toEqual({ epoch: 'e1', version: 1 });
    expect(idsOf(table.all())).toEqual(['a']);
  });

  it('forgets the labels of a row that changed or went, and finds it again when it is back', () => {
    const table = loaded(route('a', { groups: ['x'], capabilities: ['c'], node: 'n' }));
    table.apply(upsert(1, route('a', { groups: ['y'] })));
    expect(table.resolve({ kind: 'group', group: 'x' }).agents).toEqual([]);
    expect(table.resolve({ kind: 'capability', capability: 'c' }).agents).toEqual([]);
    expect(idsOf(table.resolve({ kind: 'group', group: 'y' }).agents)).toEqual(['a']);
    table.apply(remove(2, 'a'));
    expect(table.resolve({ kind: 'group', group: 'y' }).agents).toEqual([]);
    table.apply(upsert(3, route('a', { groups: ['x'] })));
    expect(idsOf(table.resolve({ kind: 'group', group: 'x' }).agents)).toEqual(['a']);
  });

  it('answers the same selector with the same array until the table changes', () => {
    const table = loaded(route('a', { groups: ['x'] }));
    const first = table.resolve({ kind: 'group', group: 'x' });
    expect(table.resolve({ kind: 'group', group: 'x' })).toBe(first);
    table.apply(upsert(1, route('b', { groups: ['x'] })));
    expect(idsOf(table.resolve({ kind: 'group', group: 'x' }).agents)).toEqual(['a', 'b']);
    expect(idsOf(first.agents)).toEqual(['a']);
  });

  it('names unknown ids and sorts the known ones', () => {
    const { agents, unknown } = loaded(route('a'), route('b')).resolve({
      kind: 'ids',
      ids: ['z', 'b', 'a', 'y'],
    });
    expect(idsOf(agents)).toEqual(['a', 'b']);
    expect(unknown).toEqual(['z', 'y']);
  });

  it('passes over changes older than a row that the snapshot brought', () => {
    const table = loaded(route('a', { version: 2, weight: 7 }));
    table.apply(upsert(1, route('a', { weight: 5 })));
    expect(table.get('a')?.weight).toBe(7);
    table.apply(remove(2, 'b'));
    expect(table.apply(remove(3, 'a')).kind).toBe('applied');
    expect(table.size).toBe(0);
  });

  it('refuses an empty page', () => {
    expect(() => loaded().page(undefined, 0)).toThrow('a page holds at least one row');
  });
});

describe('assignable', () => {
  const suspected = route('s', { liveness: 'suspected' });

  it('leaves suspected agents out while another is alive', () => {
    expect(idsOf(assignable([route('a'), suspected, route('z')]))).toEqual(['a', 'z']);
  });

  it('falls back to suspected agents when there is nobody else', () => {
    expect(idsOf(assignable([suspected]))).toEqual(['s']);
    expect(assignable([])).toEqual([]);
  });
});

const label = fc.constantFrom('x', 'y', 'z');
const agentId = fc.constantFrom('a', 'B', 'c-1', 'c_1', 'd', 'Z9', '_', '-');
const row = fc.record({
  agentId,
  groups: fc.uniqueArray(label),
  capabilities: fc.uniqueArray(label),
  node: fc.option(label, { nil: undefined }),
  weight: fc.integer({ min: 1, max: 9 }),
});
const step = fc.oneof(
  row.map((given) => ({ kind: 'upsert' as const, given })),
  agentId.map((id) => ({ kind: 'remove' as const, id })),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const changeOf = (made: Step, version: number): RouteChange<Route> =>
  made.kind === 'upsert'
    ? { kind: 'upsert', route: { ...made.given, liveness: 'alive', version } }
    : { kind: 'remove', agentId: made.id, reason: 'gone' };

/** The table as a child would write it: one map, sorted and filtered anew at each question. */
class NaiveTable {
  readonly rows = new Map<string, Route>();

  change(change: RouteChange<Route>): void {
    if (change.kind === 'upsert') this.rows.set(change.route.agentId, change.route);
    else this.rows.delete(change.agentId);
  }

  where(keep: (route: Route) => boolean): Route[] {
    return [...this.rows.values()].filter(keep).sort((l, r) => (l.agentId < r.agentId ? -1 : 1));
  }
}

function expectEqual(table: RouteTable, naive: NaiveTable): void {
  expect(table.all()).toEqual(naive.where(() => true));
  for (const name of ['x', 'y', 'z']) {
    const inGroup = naive.where(({ groups }) => groups.includes(name));
    const able = naive.where(({ capabilities }) => capabilities.includes(name));
    expect(table.resolve({ kind: 'group', group: name }).agents).toEqual(inGroup);
    expect(table.resolve({ kind: 'capability', capability: name }).agents).toEqual(able);
    expect(walk(table, { group: name })).toEqual(inGroup);
    expect(walk(table, { node: name })).toEqual(naive.where(({ node }) => node === name));
    expect(walk(table, { group: 'x', capability: name })).toEqual(
      able.filter(({ groups }) => groups.includes('x')),
    );
  }
}

/** All pages of two rows each, one behind the other. */
function walk(table: RouteTable, filter: Parameters<RouteTable['page']>[2]): Route[] {
  const routes: Route[] = [];
  let after: string | undefined;
  do {
    const page = table.page(after, 2, filter);
    expect(page.routes.length).toBeLessThanOrEqual(2);
    routes.push(...page.routes);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return routes;
}

describe('RouteTable beside a naive model', () => {
  it('agrees on every question after any history of changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = loaded();
        const naive = new NaiveTable();
        steps.forEach((made, index) => {
          const change = changeOf(made, index + 1);
          expect(table.apply({ epoch: 'e1', version: index + 1, change }).kind).toBe('applied');
          naive.change(change);
          if (index % 7 === 0) expectEqual(table, naive);
        });
        expectEqual(table, naive);
      }),
    );
  });

  it('agrees after a snapshot whose pages were read while the table moved on', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.nat(30), { maxLength: 8 }),
        (steps, readAt) => {
          const deltas = steps.map((made, index) => ({
            epoch: 'e1',
            version: index + 1,
            change: changeOf(made, index + 1),
          }));
          // Each id is read at a moment of its own, and the snapshot claims the earliest of them.
          const ids = ['a', 'B', 'c-1', 'c_1', 'd', 'Z9', '_', '-'];
          const moments = ids.map((_, index) => Math.min(readAt[index] ?? 0, deltas.length));
          const routes = ids.flatMap((id, index) => {
            const past = new NaiveTable();
            for (const { change } of deltas.slice(0, moments[index])) past.change(change);
            return past.rows.get(id) ?? [];
          });
          const version = Math.min(...moments);
          const table = new RouteTable();
          table.load({ epoch: 'e1', version, routes });
          const naive = new NaiveTable();
          for (const delta of deltas) {
            naive.change(delta.change);
            if (delta.version > version) table.apply(delta);
          }
          expectEqual(table, naive);
        },
      ),
    );
  });
});
