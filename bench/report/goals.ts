import { type Figure, figureOf } from '../measure/figures.js';
import { lines } from '../sections/lines.js';
import { type CountTable, type RateTable } from '../sections/section.js';
import { countTables, rateTables, type Report } from './report.js';

/** A figure that is to be reached. */
export interface Goal {
  readonly name: string;
  readonly bound: number;
  /** Whether the figure is to be at least the bound, or at most. */
  readonly sense: 'at least' | 'at most';
  readonly measured: number;
  readonly reached: boolean;
}

/** Nanoseconds a pick, at most; of any algorithm at the largest fleet. */
const pickNsMax = { roundRobin: 1_000, any: 10_000 };
const largestFleet = /^100,?000 agents/;

/** What the run says of the goals that it touched. */
export const goalsOf = (report: Report): Goal[] => [
  ...picks(report),
  ...dispatches(report),
  ...fleets(report),
  ...qualities(report),
  ...weights(report),
  ...growths(report),
  ...learnings(report),
  ...situations(report),
];

const atLeast = (name: string, bound: number, measured: number | undefined): Goal[] =>
  measured === undefined ? [] : [{ name, bound, sense: 'at least', measured, reached: measured >= bound }];

const atMost = (name: string, bound: number, measured: number | undefined): Goal[] =>
  measured === undefined ? [] : [{ name, bound, sense: 'at most', measured, reached: measured <= bound }];

function picks(report: Report): Goal[] {
  return rateTables(report, 'pick').flatMap(({ title, results }) => {
    const ns = results.map(({ name, ratePerS }) => ({ name, ns: 1e9 / ratePerS.median }));
    const roundRobin = ns.find(({ name }) => name.includes('round_robin'));
    const slowest = largestFleet.test(title) ? Math.max(...ns.map((one) => one.ns)) : undefined;
    return [
      ...atMost(`ns a pick by round robin, ${title}`, pickNsMax.roundRobin, roundRobin?.ns),
      ...atMost(`ns a pick by the slowest algorithm, ${title}`, pickNsMax.any, slowest),
    ];
  });
}

function dispatches(report: Report): Goal[] {
  const singles = rateTables(report, 'dispatch').filter(({ title }) => title.startsWith('a unit'));
  return singles.flatMap((table) => {
    const { title } = table;
    const crowded = / (64|256) in flight/.test(title);
    const smart = crowded ? lines.smart : '';
    return [
      ...atLeast(
        `coordinator to multiplexed loop, ${title}`,
        0.5,
        ratio(table, lines.coordinator, lines.multiplexed),
      ),
      ...atLeast(`smart client to Moleculer, ${title}`, 1, ratio(table, smart, lines.moleculer)),
      ...atLeast(`smart client to nc.request, ${title}`, 1, ratio(table, smart, lines.request)),
    ];
  });
}

function fleets(report: Report): Goal[] {
  return [
    ...rateTables(report, 'broadcast').flatMap((table) => [
      ...atLeast(
        `separate agents to raw fan-out, ${table.title}`,
        0.9,
        ratio(table, lines.separate, lines.fanOut),
      ),
      ...atLeast(
        `agents on hosts to raw fan-out, ${table.title}`,
        5,
        ratio(table, lines.hosted, lines.fanOut),
      ),
    ]),
    ...rateTables(report, 'gather').flatMap((table) => [
      ...atMost(
        `time to that by hand, separate agents, ${table.title}`,
        1.5,
        ratio(table, lines.collect, lines.separate),
      ),
      ...atMost(
        `time to that by hand, agents on hosts, ${table.title}`,
        1.5,
        ratio(table, lines.collect, lines.hosted),
      ),
    ]),
  ];
}

/** Of the algorithm whose callers wait least at the end of the tail. */
function qualities(report: Report): Goal[] {
  return countTables(report, 'quality').flatMap((table) => {
    const ofNexus = table.rows.filter(({ name }) => name.startsWith('Nexus '));
    const tail = cellOf(table, 'p99 to random');
    if (tail === undefined || ofNexus.length === 0) return [];
    const best = ofNexus.reduce((least, row) => (tail(row) < tail(least) ? row : least));
    const at = /at \d+ %/.exec(table.title)?.[0] ?? table.title;
    const of = (column: string) => cellOf(table, column)?.(best);
    return [
      ...atMost(`p99 to that of random ${at}: ${best.name}`, 0.3, of('p99 to random')),
      ...atMost(`share of the failing agent, %, ${at}: ${best.name}`, 1, of('failing, %')),
      ...atMost(`share of the lying agent to its fair one ${at}: ${best.name}`, 1.5, of('lying, × fair')),
    ];
  });
}

/** At the largest fleet that was weighed. */
function weights(report: Report): Goal[] {
  return countTables(report, 'memory').flatMap((table) => {
    const row = table.rows.at(-1);
    const bytes = row && cellOf(table, 'coordinator')?.(row);
    return atMost(`${table.title}, coordinator, ${row?.name}`, 1_024, bytes);
  });
}

function growths(report: Report): Goal[] {
  return countTables(report, 'growth').flatMap((table) =>
    table.rows
      .filter(({ name }) => name.startsWith('Nexus'))
      .flatMap((row) => {
        const allowed = cellOf(table, 'allowed')?.(row) ?? 1;
        return atMost(`growth of ${table.title}: ${row.name}`, allowed, cellOf(table, 'growth')?.(row));
      }),
  );
}

/** Nanoseconds that a prediction, or an update, may take. */
const learningNsMax = 10_000;

function learnings(report: Report): Goal[] {
  return rateTables(report, 'learning').flatMap((table) => {
    const { title, results, unit } = table;
    if (unit === 'trainings/s') {
      return atLeast(`${title}, tree to ml-cart`, 10, ratio(table, 'tree over histograms', 'ml-cart'));
    }
    const slowest = Math.max(...results.map(({ ratePerS }) => 1e9 / ratePerS.median));
    return atMost(`ns, the slowest of ${title}`, learningNsMax, slowest);
  });
}

/** By a margin of a fifth, on all of the load. */
function situations(report: Report): Goal[] {
  return countTables(report, 'intelligence').flatMap((table) => {
    const row = table.rows.at(-1);
    const mean = row && cellOf(table, 'mean, ratio')?.(row);
    return atMost('mean time of work after training, intelligence to performance layer', 0.8, mean);
  });
}

/** The median over the rounds of one line's rate to another's in the same round. */
function ratio({ results }: RateTable, ofName: string, toName: string): number | undefined {
  const of = results.find(({ name }) => name === ofName);
  const to = results.find(({ name }) => name === toName);
  if (!of || !to) return undefined;
  return figureOf(of.ratesPerS.map((ratePerS, round) => ratePerS / to.ratesPerS[round]!)).median;
}

/** Reads a column of a row. */
function cellOf(
  { columns }: CountTable,
  column: string,
): ((row: CountTable['rows'][number]) => number) | undefined {
  const index = columns.indexOf(column);
  if (index < 0) return undefined;
  return ({ values }) => medianOf(values[index]!);
}

const medianOf = (value: number | Figure): number => (typeof value === 'number' ? value : value.median);
