import { type Command } from '@nexus/core/replicated-state';
import { SeededRandom } from '../seeded-random.js';
import { type Host } from './host.js';
import { type World } from './world.js';

const keys = ['a', 'b', 'c'];

/** Clients of all gateways: proposals and reads at random, as long as they are not told to stop. */
export class Load {
  private readonly random: SeededRandom;
  private isOver = false;

  constructor(private readonly world: World) {
    this.random = new SeededRandom(world.context.scenario.seed).fork('load');
    this.planNext();
  }

  stop(): void {
    this.isOver = true;
  }

  private planNext(): void {
    const { timeline, scenario } = this.world.context;
    timeline.after(this.random.between(0, 2_000 / scenario.operationsPerSecond), () => {
      if (this.isOver) return;
      this.begin();
      this.planNext();
    });
  }

  private begin(): void {
    const { random } = this;
    const { invariants, coverage, scenario } = this.world.context;
    const host = this.pickHost();
    const isRead = random.chance(scenario.readShare);
    const key = random.pick(keys);
    const readKey = random.chance(0.2) ? `decided.${random.integer(0, 3)}` : key;
    const command = this.command(key);
    host?.member?.process.post({
      kind: 'call',
      run: () => {
        const { gateway } = host;
        if (!gateway || gateway.isBusy) return;
        coverage.count(isRead ? 'load: reads' : 'load: proposals');
        if (isRead) gateway.read(readKey, invariants.answers.floor, () => undefined);
        else gateway.propose(command, () => undefined);
      },
    });
  }

  /** Those who take themselves for the leader as often as all together: what a deposed one answers is of interest. */
  private pickHost(): Host | undefined {
    const running = [...this.world.hosts.values()].filter(({ member }) => member);
    const leaders = running.filter(({ member }) => member?.standing.role === 'leader');
    const choices = leaders.length > 0 && this.random.chance(0.5) ? leaders : running;
    return choices.length > 0 ? this.random.pick(choices) : undefined;
  }

  private command(key: string): Command {
    const { random } = this;
    const value = random.integer(0, 999);
    const owner = random.pick(['x', 'y']);
    const ttlMs = random.integer(50, 400);
    const { version } = this.world.context.invariants.applications.keys.at(key, Infinity);
    switch (random.integer(0, 11)) {
      case 0:
        return { type: 'lease.acquire', resource: 'r', owner, ttlMs };
      case 1:
        return { type: 'lease.renew', resource: 'r', owner, ttlMs };
      case 2:
        return { type: 'lease.release', resource: 'r', owner };
      case 3:
        return { type: 'delete', key };
      case 4:
        return { type: 'decide', key: `decided.${random.integer(0, 3)}`, value };
      case 5:
        return { type: 'campaign', election: 'e', candidate: owner, ttlMs };
      case 6:
        return { type: 'resign', election: 'e', candidate: owner };
      case 7:
      case 8:
        return { type: 'put', key, value, expectedVersion: version };
      default:
        return { type: 'put', key, value };
    }
  }
}
