import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@nexus/testing';
import { type ChaosOptions } from './command-line.js';
import { faults } from './faults/faults.js';
import { FlushProbe } from './group/flush-probe.js';
import { ReplicaGroup, type Standing } from './group/replica-group.js';
import { FailoverProbe } from './load/failover-probe.js';
import { FullLoad } from './load/full-load.js';
import { Load } from './load/load.js';
import { Recorder } from './load/recorder.js';
import { RegisterClient } from './load/register-client.js';
import { leaderKilled } from './report/leader-killed.js';
import { type QuietReport, type Report, type ScenarioReport } from './report/report.js';
import { type Times } from '../times.js';
import { timesByKind } from './report/times-by-kind.js';
import { playRound, type RoundReport } from './round.js';
import { type Scenario } from './scenarios/scenario.js';
import { objections } from './verdict/objections.js';
import { judge, type Judgement } from './verdict/verdict.js';
import { DidNotHappen } from '../waiting.js';

/** What is told on the command line, save what is done with the report. */
type Told = Omit<ChaosOptions, 'scenario' | 'json' | 'report' | 'keep'>;

export interface TrialOptions extends Told {
  /** Played instead of rounds. */
  readonly scenario: Scenario | null;
  /** For logs and data. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const thinkMsMax = 12;
/** Rounds that one set of registers lives. */
const roundsPerEra = 3;
const nanosecondsPerMs = 1e6;
const sayEveryMs = 10_000;

/** Starts a group, breaks it, and judges what is left. Leaves no process behind, whatever happens. */
export async function runTrial(options: TrialOptions): Promise<Report> {
  const { replicas, folder, say, signal } = options;
  say(`starting nats-server and ${replicas} replicas in ${folder}`);
  const group = await ReplicaGroup.start({ folder, replicas, log: say, signal });
  try {
    return await new Trial(options, group).run();
  } finally {
    await group.end();
  }
}

class Trial {
  private readonly startedAtMs = performance.now();
  private readonly recorder = new Recorder();
  private readonly rounds: RoundReport[] = [];
  private readonly delay = monitorEventLoopDelay();
  private falseElections = 0;
  private quiet: QuietReport | null = null;
  private scenario: ScenarioReport | null = null;

  constructor(
    private readonly options: TrialOptions,
    private readonly group: ReplicaGroup,
  ) {}

  async run(): Promise<Report> {
    const first = await this.group.whole();
    let last = first;
    let judgement: Judgement | null = null;
    let failure: string | null = null;
    this.delay.enable();
    try {
      last = await this.play(first);
      this.delay.disable();
      judgement = await judge(this.group, this.recorder, this.options.say);
    } catch (error) {
      if (!(error instanceof DidNotHappen)) throw error;
      failure = error.message;
    }
    return this.report({ first: first.term, last: last.term }, judgement, failure);
  }

  private play(first: Standing): Promise<Standing> {
    if (this.options.scenario) return this.playScenario(this.options.scenario);
    return this.options.faults.length === 0 ? this.keepQuiet(first) : this.playRounds(first);
  }

  private async playScenario(scenario: Scenario): Promise<Standing> {
    const { group, recorder } = this;
    const { rounds, say, signal } = this.options;
    this.scenario = await scenario({ group, recorder, times: rounds, say, signal });
    return group.whole();
  }

  private async playRounds(first: Standing): Promise<Standing> {
    const { group, recorder } = this;
    const { rounds, seed, say, signal } = this.options;
    const random = new SeededRandom(seed);
    const load = this.startLoad();
    const probe = new FailoverProbe(new RegisterClient('probe', group.caller, recorder), signal);
    let standing = first;
    try {
      for (let number = 1; number <= rounds; number += 1) {
        const inflict = faults[random.pick(this.options.faults)];
        const [report, after] = await playRound({ number, inflict, group, random, probe, signal }, standing);
        standing = after;
        this.rounds.push(report);
        this.falseElections += report.falseElections;
        say(roundLine(report, rounds));
        if (number % roundsPerEra === 0) load.nextEra();
      }
    } finally {
      await load.stop();
      await probe.settle();
    }
    return standing;
  }

  private startLoad(): Load {
    const { seed, clients } = this.options;
    return Load.start({ caller: this.group.caller, recorder: this.recorder, clients, seed, thinkMsMax });
  }

  /** Breaks nothing: every election is a false one. */
  private async keepQuiet(first: Standing): Promise<Standing> {
    const { group } = this;
    const { durationMs, load: loadName, folder, say, signal } = this.options;
    const probe = await FlushProbe.start(join(folder, 'flush-probe'));
    let flushes: Times;
    const full = loadName === 'full' ? new FullLoad(group.caller) : undefined;
    const paced = loadName === 'paced' ? this.startLoad() : undefined;
    const startedAtMs = performance.now();
    group.forgetStalls();
    try {
      for (let leftMs = durationMs; leftMs > 0; leftMs = durationMs - (performance.now() - startedAtMs)) {
        await sleep(Math.min(sayEveryMs, leftMs), undefined, { signal });
        const terms = (await group.statuses()).map(({ term }) => term);
        say(`${Math.round((performance.now() - startedAtMs) / 1_000)} s: term ${Math.max(...terms)}`);
        paced?.nextEra();
      }
    } finally {
      await full?.stop();
      await paced?.stop();
      flushes = await probe.stop();
    }
    const last = await group.whole();
    this.falseElections = last.term - first.term;
    this.quiet = {
      durationMs: performance.now() - startedAtMs,
      load: loadName,
      committed: full?.committed ?? 0,
      failed: full?.failed ?? 0,
      longestStallMs: group.longestStallMs,
      flushes,
    };
    return last;
  }

  private report(terms: Report['terms'], judgement: Judgement | null, failure: string | null): Report {
    const { recorder, rounds, scenario } = this;
    const { seed, replicas } = this.options;
    const run = {
      quiet: this.quiet,
      scenario,
      falseElections: this.falseElections,
      operations: {
        recorded: recorder.operations.length,
        unknown: recorder.unknown,
        errors: Object.fromEntries(recorder.errors),
      },
      failure,
      judgement,
    };
    const against = objections(run);
    return {
      ...run,
      seed,
      replicas,
      faults: this.options.faults,
      tookMs: performance.now() - this.startedAtMs,
      rounds,
      failover: timesByKind(rounds, ({ failoverMs }) => failoverMs),
      leaderKilled: leaderKilled(rounds),
      back: timesByKind(rounds, ({ backMs }) => backMs),
      terms,
      ownDelay: {
        p99Ms: this.delay.percentile(99) / nanosecondsPerMs,
        maxMs: this.delay.max / nanosecondsPerMs,
      },
      objections: against,
      isGood: against.length === 0,
    };
  }
}

function roundLine(report: RoundReport, rounds: number): string {
  const { round, kind, replicas, failoverMs, backMs, termAfter } = report;
  const times = `next acknowledged after ${Math.round(failoverMs)} ms, whole after ${Math.round(backMs)} ms`;
  return `round ${round}/${rounds}: ${kind} (${replicas.join(', ')}): ${times}, term ${termAfter}`;
}
