import { connect } from '@nats-io/transport-node';
import { algorithmNames } from '@nexus/contracts';
import { type Figure, figureOf, quantile } from '../measure/figures.js';
import { NexusServices } from '../nexus-services.js';
import { Contest, type TrialResult } from '../quality/contest.js';
import { type AgentPlan, type Character, fairShareOf, fleet } from '../quality/fleet.js';
import { type AgentCount, type Chooser } from '../quality/orders.js';
import { type CountTable, type GroundContext, type GroundSection } from './section.js';

/** The first is what the others are compared with. */
const choosers: readonly Chooser[] = [
  { kind: 'queue group' },
  { kind: 'by hand' },
  ...algorithmNames.map((algorithm) => ({ kind: 'nexus' as const, algorithm })),
];
const warmUpMs = 1_500;
const warmUpLoad = 0.5;

/** How well work is shared out among unequal agents: what callers see, and who gets how much. */
export const quality: GroundSection = {
  name: 'quality',
  summary: 'open load on 20 agents of 1× to 20× speed; one slows down midway, one fails fast, one lies',
  on: 'bare ground',
  run: async (context, onTable) => {
    const { natsUrl, redisUrl, givenUp } = context;
    const services = new NexusServices({ natsUrl, redisUrl, prefix: Contest.prefix });
    const contest = new Contest(context);
    const children = [...services.children, ...contest.children];
    const measure = async () => {
      const nats = await connect({ servers: natsUrl, name: 'bench quality' });
      await services.whenServing(nats);
      await nats.close();
      const served = await warmedUp(context, contest);
      for (const load of context.effort.openLoads) {
        for (const table of await tablesOf(context, contest, served, load)) onTable(table);
      }
    };
    try {
      await Promise.race([measure(), ...children.map((child) => child.failed()), givenUp]);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};

/** The choosers that this build has, after a while in which their code was compiled. */
async function warmedUp({ progress }: GroundContext, contest: Contest): Promise<readonly Chooser[]> {
  const served = await contest.served(choosers, (chooser, why) =>
    progress(`quality: ${nameOf(chooser)} is left out: ${why}`),
  );
  for (const chooser of served) {
    progress(`quality: warming up ${nameOf(chooser)}`);
    await contest.run({ chooser, load: warmUpLoad, durationMs: warmUpMs, seed: 0 });
  }
  return served;
}

async function tablesOf(
  { effort, progress }: GroundContext,
  contest: Contest,
  served: readonly Chooser[],
  load: number,
): Promise<CountTable[]> {
  const at = `at ${load * 100} % of capacity`;
  const trials = served.map((): TrialResult[] => []);
  for (let round = 1; round <= effort.openRounds; round += 1) {
    for (let turn = 0; turn < served.length; turn += 1) {
      const index = (turn + round - 1) % served.length;
      const chooser = served[index]!;
      progress(`quality ${at}: round ${round}, ${nameOf(chooser)}`);
      trials[index]!.push(await contest.run({ chooser, load, durationMs: effort.openMs, seed: round }));
    }
  }
  return [callersTable(at, served, trials), sharesTable(at, served, trials)];
}

const nameOf = (chooser: Chooser): string => {
  switch (chooser.kind) {
    case 'queue group':
      return 'NATS queue group (random)';
    case 'by hand':
      return 'round robin by hand';
    case 'nexus':
      return `Nexus ${chooser.algorithm}`;
  }
};

/** What callers see, from when they meant to ask; and what becomes of those with a fault. */
function callersTable(
  at: string,
  served: readonly Chooser[],
  trials: readonly (readonly TrialResult[])[],
): CountTable {
  const measures = trials.map((ofOne) => ofOne.map(measuresOf));
  const reference = measures[0] ?? [];
  const over = (ofOne: readonly Measures[], pick: (one: Measures, round: number) => number): Figure =>
    figureOf(ofOne.map(pick));
  return {
    kind: 'counts',
    title: `open load ${at}; times from when a request was due, shares after three seconds`,
    columns: [
      ...['p50 ms', 'p99 ms', 'p99.9 ms', 'p99 to random', 'errors %'],
      ...['failing, %', 'slowing, %', 'lying, × fair', 'asked late, p99 ms'],
    ],
    chart: 'p99 ms',
    rows: served.map((chooser, index) => {
      const ofOne = measures[index]!;
      return {
        name: nameOf(chooser),
        values: [
          over(ofOne, ({ p50Ms }) => p50Ms),
          over(ofOne, ({ p99Ms }) => p99Ms),
          over(ofOne, ({ p999Ms }) => p999Ms),
          over(ofOne, ({ p99Ms }, round) => p99Ms / reference[round]!.p99Ms),
          over(ofOne, ({ errors }) => 100 * errors),
          over(ofOne, ({ shareOf }) => 100 * shareOf('fails')),
          over(ofOne, ({ shareOf }) => 100 * shareOf('slows')),
          over(ofOne, ({ shareOf }) => shareOf('lies') / fairShareOf(agentLike('lies'))),
          over(ofOne, ({ lateP99Ms }) => lateP99Ms),
        ],
      };
    }),
  };
}

interface Measures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Share of the requests that failed or had no answer in time, 0 to 1. */
  readonly errors: number;
  /** How late requests were made, in milliseconds: the benchmark's own fault, where it is much. */
  readonly lateP99Ms: number;
  /** Share of the work that the agent of this kind had, 0 to 1. */
  readonly shareOf: (character: Character) => number;
}

const agentLike = (character: Character): AgentPlan => fleet.find((agent) => agent.character === character)!;

function measuresOf({ sample: { latenciesMs, endings, latenessMs }, counts }: TrialResult): Measures {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const requests = endings.done + endings.failed + endings.expired;
  const shares = sharesOf(counts);
  return {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    p999Ms: quantile(sorted, 0.999),
    errors: (endings.failed + endings.expired) / requests,
    lateP99Ms: quantile(
      [...latenessMs].sort((a, b) => a - b),
      0.99,
    ),
    shareOf: (character) => shares[agentLike(character).index]!,
  };
}

/** Share of each agent in the work after the beginning, 0 to 1, by place. */
function sharesOf(counts: readonly AgentCount[]): number[] {
  const total = counts.reduce((sum, { unitsSettled }) => sum + unitsSettled, 0);
  return [...counts]
    .sort((a, b) => a.index - b.index)
    .map(({ unitsSettled }) => unitsSettled / Math.max(1, total));
}

/** Who got how much. */
function sharesTable(
  at: string,
  served: readonly Chooser[],
  trials: readonly (readonly TrialResult[])[],
): CountTable {
  const marks: Readonly<Record<Character, string>> = {
    steady: '',
    slows: ' slows',
    fails: ' fails',
    lies: ' lies',
  };
  return {
    kind: 'counts',
    title: `share of each agent ${at}, %`,
    columns: fleet.map(({ speed, character }) => `${speed}×${marks[character]}`),
    rows: [
      { name: 'by speed', values: fleet.map((agent) => 100 * fairShareOf(agent)) },
      ...served.map((chooser, index) => {
        const rounds = trials[index]!.map(({ counts }) => sharesOf(counts));
        const median = (place: number) => figureOf(rounds.map((shares) => 100 * shares[place]!)).median;
        return { name: nameOf(chooser), values: fleet.map((_, place) => median(place)) };
      }),
    ],
  };
}
