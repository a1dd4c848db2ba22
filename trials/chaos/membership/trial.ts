import { setMaxListeners } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@nexus/testing';
import { type Surroundings } from '../as-program.js';
import { DidNotHappen, until } from '../waiting.js';
import { type MembershipOptions } from './command-line.js';
import { Fleet } from './fleet.js';
import { SteadyLoad } from './load/steady-load.js';
import { growths } from './memory/growth.js';
import { gossipCost, refusals } from './report/gossip-cost.js';
import { type EndReport, type MembershipReport } from './report/report.js';
import { allSayConverged, disagreements } from './verdict/agreement.js';
import { deliveries } from './verdict/deliveries.js';
import { disturbances } from './verdict/disturbances.js';
import { type Bounds, judgeMembership } from './verdict/judge-membership.js';
import { objections } from './verdict/objections.js';
import { Volleys } from './volleys.js';

export type TrialOptions = Omit<MembershipOptions, 'json' | 'report' | 'keep'> & Surroundings;

/** Rounds within which a death is to be noticed by everybody. */
const noticedRounds = 20;
/** Rounds beyond the logarithm within which news reaches everybody. */
const knownRounds = 3;
/** What a shared machine may be late by, in milliseconds. */
const graceMs = 5_000;
const settledRounds = 8;
const agreeWithinMs = 60_000;
const lastWordsMs = 3_000;
/** Of the trial itself, at one time. */
const ownWaitsMax = 10;
const nanosecondsPerMs = 1e6;

/** Starts services and agents, kills some again and again, and judges the rest. Leaves no process behind. */
export async function runTrial(options: TrialOptions): Promise<MembershipReport> {
  const startedAtMs = performance.now();
  // Whoever stays away waits for its return, and for the end of the run.
  setMaxListeners(options.services + options.agents + ownWaitsMax, options.signal);
  const fleet = await Fleet.start(options);
  try {
    options.say(`all take part after ${Math.round(performance.now() - startedAtMs)} ms`);
    return await new Trial(options, fleet, startedAtMs).run();
  } finally {
    await fleet.end();
  }
}

class Trial {
  private readonly delay = monitorEventLoopDelay();
  private readonly load: SteadyLoad;
  private readonly volleys: Volleys;
  private readonly bounds: Omit<Bounds, 'endedAtMs'>;

  constructor(
    private readonly options: TrialOptions,
    private readonly fleet: Fleet,
    private readonly startedAtMs: number,
  ) {
    const { roundMs, seed, killShare, say, signal } = options;
    const spreadRounds = Math.ceil(Math.log2(fleet.members.length)) + knownRounds;
    this.bounds = {
      noticedWithinMs: noticedRounds * roundMs + graceMs,
      knownWithinMs: spreadRounds * roundMs + graceMs,
      settledMs: settledRounds * roundMs,
    };
    const { noticedWithinMs } = this.bounds;
    const random = new SeededRandom(seed);
    this.load = new SteadyLoad(fleet.client);
    this.volleys = new Volleys({ fleet, random, killShare, roundMs, noticedWithinMs, say, signal });
  }

  async run(): Promise<MembershipReport> {
    this.delay.enable();
    let end: EndReport | null = null;
    let failure: string | null = null;
    try {
      await this.agree();
      this.options.say('everybody knows everybody');
      await this.volleys.play(this.options.durationMs);
      this.options.say('all are called back');
      end = await this.agree();
    } catch (error) {
      if (!(error instanceof DidNotHappen)) throw error;
      failure = error.message;
    } finally {
      await this.load.stop();
    }
    // What was last delivered is on its way here.
    await sleep(lastWordsMs, undefined, { signal: this.options.signal });
    this.delay.disable();
    return this.report(end, failure);
  }

  /** Waits until everybody takes part, knows everybody, and says that all know the same. */
  private async agree(): Promise<EndReport> {
    await this.fleet.whole();
    const fromMs = performance.now();
    const patience = { withinMs: agreeWithinMs, everyMs: 200, signal: this.options.signal };
    let open: string[] = [];
    await until('everybody knows everybody', patience, () => {
      open = disagreements(this.fleet.lives);
      return Promise.resolve(open.length === 0 || undefined);
    }).catch((error: unknown) => {
      throw error instanceof DidNotHappen
        ? new DidNotHappen(`${error.message}: ${open.slice(0, 3).join('; ')}`)
        : error;
    });
    const agreedAfterMs = performance.now() - fromMs;
    const sinceMs = Date.now();
    await until('every member says that all know the same', patience, () => {
      const lives = this.fleet.members.map(({ life }) => life);
      return Promise.resolve(allSayConverged(lives, sinceMs) || undefined);
    });
    return { agreedAfterMs, convergedAfterMs: performance.now() - fromMs };
  }

  private report(end: EndReport | null, failure: string | null): MembershipReport {
    const { seed, services, agents, killShare, roundMs, durationMs } = this.options;
    const { lives } = this.fleet;
    const { played } = this.volleys;
    const count = (of: (volley: (typeof played)[number]) => number) =>
      played.reduce((sum, volley) => sum + of(volley), 0);
    const found = {
      membership: judgeMembership(lives, { ...this.bounds, endedAtMs: Date.now() }),
      end,
      load: disturbances(this.load.asked, lives),
      deliveries: deliveries(this.load.asked, lives),
      memory: growths(lives),
      killed: count(({ back, away }) => back.length + away.length),
      ...{ failure, durationMs },
    };
    const against = objections(found);
    return {
      ...{ seed, services, agents, killShare, roundMs },
      tookMs: performance.now() - this.startedAtMs,
      volleys: played.length,
      stayedAway: count(({ away }) => away.length),
      bounds: this.bounds,
      ...found,
      gossip: {
        services: gossipCost(lives.filter(({ role }) => role !== 'agent')),
        agents: gossipCost(lives.filter(({ role }) => role === 'agent')),
      },
      refused: refusals(lives),
      ownDelay: {
        p99Ms: this.delay.percentile(99) / nanosecondsPerMs,
        maxMs: this.delay.max / nanosecondsPerMs,
      },
      objections: against,
      isGood: against.length === 0,
    };
  }
}
