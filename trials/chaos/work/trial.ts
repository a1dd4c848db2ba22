import { setMaxListeners } from 'node:events';
import { SeededRandom } from '@nexus/testing';
import { type Surroundings } from '../as-program.js';
import { timesOf } from '../times.js';
import { DidNotHappen, until } from '../waiting.js';
import { type WorkOptions } from './command-line.js';
import { planKills, type PlannedKill } from './faults/kills.js';
import { type OutageReport, redisOutage } from './faults/redis-outage.js';
import { Figures } from './figures.js';
import { Fleet } from './fleet.js';
import { FlightWatch } from './flight-watch.js';
import { type Asked } from './load/asked.js';
import { planRequests } from './load/plan-requests.js';
import { workersGroup } from './load/unit.js';
import { runLoad } from './load/work-load.js';
import { type NumbersReport } from './numbers/taken.js';
import { runTakers } from './numbers/run-takers.js';
import { type WorkReport } from './report/report.js';
import { accountsOf } from './verdict/accounts.js';
import { objections, zeroWithinMs } from './verdict/objections.js';

export type TrialOptions = Omit<WorkOptions, 'json' | 'report' | 'keep'> & Surroundings;

/** From the last reply until routing has noticed every death, also one while Redis was away; in milliseconds. */
const noticedWithinMs = 30_000;
/** Redis is killed when this share of the units has ended. */
const outageAtShare = 0.25;
/** Of the trial itself, at one time, beside its requests. */
const ownWaitsMax = 20;

/** Shares out work while agents and Redis are killed, and counts what became of it. Leaves no process behind. */
export async function runTrial(options: TrialOptions): Promise<WorkReport> {
  const startedAtMs = performance.now();
  setMaxListeners(options.parallel + ownWaitsMax, options.signal);
  const fleet = await Fleet.start(options);
  try {
    options.say(`all agents can be asked after ${Math.round(performance.now() - startedAtMs)} ms`);
    const numbers = await runTakers({ ...options, redisUrl: fleet.servers.redis.url });
    options.say(`${numbers.taken} numbers were taken by ${numbers.processes} processes`);
    const figures = await Figures.open(fleet.servers.nats.url, options.coordinators);
    try {
      return await new Trial(options, fleet, figures).run(numbers, startedAtMs);
    } finally {
      await figures.close();
    }
  } finally {
    await fleet.end();
  }
}

class Trial {
  private readonly killed: PlannedKill[] = [];
  /** Faults under way; whoever waits for all of them hears of what went wrong. */
  private readonly faults: Promise<void>[] = [];
  private readonly kills: PlannedKill[];
  private outage: OutageReport | null = null;
  private outageBegun = false;
  private toldTenths = 0;

  constructor(
    private readonly options: TrialOptions,
    private readonly fleet: Fleet,
    private readonly figures: Figures,
  ) {
    const ids = fleet.agents.map(({ agentId }) => agentId);
    this.kills = planKills(ids, options.killShare, new SeededRandom(options.seed, 'kills'));
  }

  async run(numbers: NumbersReport, startedAtMs: number): Promise<WorkReport> {
    const { units, seed, parallel, signal, agents, coordinators } = this.options;
    const watch = new FlightWatch(this.figures, coordinators);
    const planned = planRequests(units, new SeededRandom(seed, 'work'));
    const fromMs = performance.now();
    try {
      const { client } = this.fleet;
      const onProgress = (share: number) => this.progress(share);
      const asked = await runLoad({ client, planned, parallel, onProgress, signal });
      const loadMs = performance.now() - fromMs;
      const flight = await watch.settle(zeroWithinMs, signal);
      await Promise.all(this.faults);
      const found = {
        accounts: accountsOf(asked, await this.fleet.runs()),
        ...{ flight, numbers, kills: this.killed, outage: this.outage },
        onlySurvivorsAfterMs: await this.onlySurvivorsAfterMs(fromMs + loadMs),
      };
      const against = objections(found);
      return {
        ...{ seed, agents, coordinators, parallel, loadMs },
        requests: timesOf(asked.map(({ tookMs }: Asked) => tookMs)),
        ...found,
        tookMs: performance.now() - startedAtMs,
        objections: against,
        isGood: against.length === 0,
      };
    } finally {
      watch.stop();
    }
  }

  /** So much of the work has ended: does what is due. */
  private progress(share: number): void {
    const { say, redis } = this.options;
    for (let kill = this.kills[0]; kill && kill.atShare <= share; kill = this.kills[0]) {
      this.kills.shift();
      this.begin(this.kill(kill));
    }
    if (redis && !this.outageBegun && share >= outageAtShare) {
      this.outageBegun = true;
      this.begin(this.breakRedis());
    }
    const tenths = Math.floor(share * 10);
    if (tenths === this.toldTenths) return;
    this.toldTenths = tenths;
    say(`${tenths * 10} % of the units have ended`);
  }

  private begin(fault: Promise<void>): void {
    this.faults.push(fault);
    fault.catch(() => undefined);
  }

  private async kill(kill: PlannedKill): Promise<void> {
    await this.fleet.killInFlight(kill.agentId);
    this.killed.push(kill);
    this.options.say(`killed ${kill.agentId}`);
  }

  private async breakRedis(): Promise<void> {
    const { servers, client } = this.fleet;
    const { say, signal } = this.options;
    this.outage = await redisOutage({ servers, client, say, signal });
  }

  /** Waits until routing lists those who live, and nobody else. */
  private async onlySurvivorsAfterMs(fromMs: number): Promise<number | null> {
    const dead = new Set(this.killed.map(({ agentId }) => agentId));
    const living = this.fleet.agents.map(({ agentId }) => agentId).filter((agentId) => !dead.has(agentId));
    const patience = { withinMs: noticedWithinMs, everyMs: 50, signal: this.options.signal };
    try {
      await until('only survivors are listed', patience, async () => {
        const listed: string[] = [];
        for await (const { agentId } of this.fleet.client.agents.list({ group: workersGroup })) {
          listed.push(agentId);
        }
        return listed.sort().join() === living.sort().join() || undefined;
      });
      return performance.now() - fromMs;
    } catch (error) {
      if (error instanceof DidNotHappen) return null;
      throw error;
    }
  }
}
