import { Candidates, type LoadTable, type TargetSet } from '@nexus/core/balancing';
import { assertNever } from '@nexus/core/invariant';
import { type Route } from '@nexus/core/route-table';

/**
 * The agents of one set of targets that work may be given to, from now until it is released. Suspected ones are kept
 * apart: they get some only while there is nobody else.
 */
export class Selection {
  /** Pieces of work that choose from it. */
  users = 0;
  private readonly isMeant: (route: Route) => boolean;
  private alive: Candidates;
  private suspected: Candidates;

  /** @param routes those that are meant; all of them are in the table */
  constructor(
    readonly targets: TargetSet,
    private readonly table: LoadTable,
    routes: readonly Route[],
  ) {
    this.isMeant = meantBy(targets);
    this.alive = this.those(routes, 'alive');
    this.suspected = this.those(routes, 'suspected');
  }

  /** Who is to be chosen from. */
  get candidates(): Candidates {
    return this.alive.size > 0 ? this.alive : this.suspected;
  }

  get size(): number {
    return this.candidates.size;
  }

  /** Takes in what has become of an agent. */
  admit(route: Route): void {
    const { agentId, liveness } = route;
    if (!this.isMeant(route)) {
      this.dismiss(agentId);
      return;
    }
    const [here, there] = liveness === 'alive' ? [this.alive, this.suspected] : [this.suspected, this.alive];
    there.remove(agentId);
    here.add(agentId);
  }

  /** An agent is there no more, or is meant no more. */
  dismiss(agentId: string): void {
    if (!this.alive.remove(agentId)) this.suspected.remove(agentId);
  }

  /** All may be different. */
  refill(routes: readonly Route[]): void {
    this.close();
    this.alive = this.those(routes, 'alive');
    this.suspected = this.those(routes, 'suspected');
  }

  close(): void {
    this.alive.close();
    this.suspected.close();
  }

  private those(routes: readonly Route[], liveness: Route['liveness']): Candidates {
    const meant = routes.filter((route) => route.liveness === liveness);
    return Candidates.of(
      this.table,
      meant.map(({ agentId }) => agentId),
    );
  }
}

function meantBy(targets: TargetSet): (route: Route) => boolean {
  switch (targets.kind) {
    case 'all':
      return () => true;
    case 'group':
      return ({ groups }) => groups.includes(targets.group);
    case 'capability':
      return ({ capabilities }) => capabilities.includes(targets.capability);
    case 'ids': {
      const wanted = new Set(targets.ids);
      return ({ agentId }) => wanted.has(agentId);
    }
    default:
      return assertNever(targets);
  }
}
