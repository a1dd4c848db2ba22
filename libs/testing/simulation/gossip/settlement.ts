import { hold } from '../violation.js';
import { agree } from './invariants/agreement.js';
import { type Observer } from './stepped.js';
import { type World } from './world.js';

/** A healed world comes to rest within so many rounds: what is dead must be noticed and forgotten, and islands meet. */
const settleRoundsMax = 160;
/** Until all have said that they know the last change as well. */
const sayRounds = 12;
const lastKey = 'last';
/** And stays as it is. */
const quietRounds = 8;

/** After the last fault and the last change everybody knows the same, says so, and it is true. */
export class Settlement {
  constructor(private readonly world: World) {}

  run(): void {
    // Everybody is gone for good: there is nobody left to agree, and nobody starts any more.
    if (this.world.observers.length === 0) return;
    const { timeline, scenario, coverage } = this.world.context;
    const { roundMs } = scenario.gossip;
    let rounds = 0;
    while (this.unsettled() !== null && rounds < settleRoundsMax) {
      timeline.run(timeline.nowMs + roundMs);
      rounds++;
    }
    this.judge(`after ${rounds} rounds`);
    coverage.count('gossip: rounds to settle', rounds);
    this.judgeSpread();
    for (let round = 0; round < quietRounds; round++) {
      timeline.run(timeline.nowMs + roundMs);
      this.judge('having been so before');
    }
  }

  /** One more change, now that nothing is in its way but what the network loses. */
  private judgeSpread(): void {
    const { context, cluster, observers } = this.world;
    const { timeline, scenario, random } = context;
    const host = cluster.hosts.get(random.fork('last change').pick(observers).id)!;
    host.put(lastKey, { urgent: false, removes: false });
    const rounds = 2 * (Math.ceil(Math.log2(observers.length)) + 3);
    timeline.run(timeline.nowMs + rounds * scenario.gossip.roundMs * (1 + scenario.jitter));
    const version = host.life?.maxVersion ?? 0;
    for (const { id, views } of this.world.observers)
      hold(
        views.get(host.id)?.maxVersion === version,
        'a change reaches all within a logarithm of rounds',
        () => `${id} does not know that of ${host.id} after ${rounds}`,
      );
    timeline.run(timeline.nowMs + sayRounds * scenario.gossip.roundMs);
  }

  private judge(when: string): void {
    const unsettled = this.unsettled();
    hold(
      unsettled === null,
      'a healed world settles: all know the same, and say so',
      () => `${unsettled!}, ${when}`,
    );
  }

  /** What is not as it is to be in the end; null when all is. */
  private unsettled(): string | null {
    const { observers } = this.world;
    for (const observer of observers) {
      const reason = this.misjudged(observer, observers);
      if (reason !== null) return reason;
    }
    return null;
  }

  private misjudged(observer: Observer, observers: readonly Observer[]): string | null {
    const { id, views, convergence, keysOf } = observer;
    for (const other of observers) {
      const view = views.get(other.id);
      if (view?.status !== 'alive' || view.generation !== other.life.generation)
        return `${id} knows ${other.id} as ${view ? `${view.status} of ${view.generation}` : 'nobody'}`;
      if (view.maxVersion !== other.life.maxVersion)
        return `${id} knows ${other.id} up to ${view.maxVersion} of ${other.life.maxVersion}`;
      this.world.knowledge.judgeState(observer, view, other.life);
      if (
        keysOf(other.id).size !== [...other.life.keys.values()].filter(({ value }) => value !== null).length
      )
        return `${id} knows ${keysOf(other.id).size} keys of ${other.id}`;
    }
    const alive = [...views.values()].filter(({ status }) => status === 'alive' || status === 'suspected');
    if (alive.length !== observers.length)
      return `${id} calls ${alive.length} alive, ${observers.length} are`;
    if (!convergence.converged) return `${id} waits for ${convergence.waitingFor.join() || 'nobody'}`;
    if (!observers.every((other) => agree(observer, other))) return `${id} is alone with what it knows`;
    return null;
  }
}
