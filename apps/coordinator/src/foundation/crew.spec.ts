import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Route, routeSchema } from '@nexus/contracts';
import { RouteTable } from '@nexus/core/route-table';
import { targetSetOf } from '@nexus/routes';
import { type Targets } from '../fleet/fleet.js';
import { Crew } from './crew.js';

type CrewFleet = ConstructorParameters<typeof Crew>[0];
interface Row {
  readonly liveness?: Route['liveness'];
  readonly groups?: readonly string[];
}

/** A fleet over a real table, changed by hand. */
class TableFleet implements CrewFleet {
  private readonly table = new RouteTable<Route>();
  private version = 0;
  private readonly changeListeners = new Set<() => void>();
  private readonly goneListeners = new Set<Parameters<CrewFleet['onAgentGone']>[0]>();

  constructor() {
    this.table.load({ epoch: 'e', version: 0, routes: [] });
  }

  readonly find: CrewFleet['find'] = (agentId) => this.table.get(agentId);
  readonly select: CrewFleet['select'] = (selector) => this.table.resolve(targetSetOf(selector)).agents;

  readonly onChanged: CrewFleet['onChanged'] = (listener) => {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  };

  readonly onAgentGone: CrewFleet['onAgentGone'] = (listener) => {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  };

  write(agentId: string, { liveness = 'alive', groups = ['crew'] }: Row = {}): void {
    const version = ++this.version;
    const route = routeSchema.parse({
      ...{ agentId, groups, capabilities: [], weight: 1, liveness, version },
      ...{ registeredAt: '2030-01-01T00:00:00Z', tokenHash: '' },
    });
    this.table.apply({ epoch: 'e', version, change: { kind: 'upsert', route } });
    for (const listener of this.changeListeners) listener();
  }

  remove(agentId: string, reason: 'left' | 'gone'): void {
    const version = ++this.version;
    this.table.apply({ epoch: 'e', version, change: { kind: 'remove', agentId, reason } });
    for (const listener of this.goneListeners) listener(agentId, reason);
    for (const listener of this.changeListeners) listener();
  }

  targets(): Targets {
    const selector = { group: 'crew' } as Targets['selector'];
    return { agents: this.select(selector), unknown: [], selector, routes: { version: 0, ageMs: 0 } };
  }
}

describe('Crew', () => {
  let fleet: TableFleet;
  let crew: Crew;
  let told: string[];

  beforeEach(() => {
    fleet = new TableFleet();
    for (const agentId of ['a', 'b']) fleet.write(agentId);
    told = [];
    crew = new Crew(fleet, fleet.targets(), {
      left: (agentId) => told.push(`${agentId} left`),
      gone: (agentId) => told.push(`${agentId} gone`),
      joined: ({ agentId }) => told.push(`${agentId} joined`),
    });
    crew.watch();
  });

  it('tells who left or died, and who is back in a new life', () => {
    fleet.remove('a', 'left');
    fleet.remove('b', 'gone');
    fleet.write('a');
    fleet.write('b');
    fleet.write('b');
    expect(told).toEqual(['a left', 'b gone', 'a joined', 'b joined']);
  });

  it('does not take an unreachable agent for back when it is only suspected', () => {
    crew.unreachable('a');
    fleet.write('a', { liveness: 'suspected' });
    expect(told).toEqual([]);
    fleet.write('a');
    expect(told).toEqual(['a joined']);
  });

  it('does not take an unreachable agent for back when somebody else changes', () => {
    crew.unreachable('a');
    fleet.write('b');
    expect(told).toEqual([]);
  });

  it('takes in those who join the targets only when it recruits, each once, and nobody who is suspected', () => {
    fleet.write('c');
    expect(told).toEqual([]);
    crew.recruiting = true;
    crew.recruit();
    fleet.write('d', { liveness: 'suspected' });
    fleet.write('stranger', { groups: ['others'] });
    fleet.write('d');
    expect(told).toEqual(['c joined', 'd joined']);
  });

  it('says nothing of strangers, and nothing after its end', () => {
    fleet.write('stranger', { groups: ['others'] });
    fleet.remove('stranger', 'gone');
    crew.stop();
    fleet.remove('a', 'gone');
    expect(told).toEqual([]);
  });
});
