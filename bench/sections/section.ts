import { type Effort } from '../effort.js';
import { inBatches } from '../measure/batches.js';
import { closedLoop, type Load } from '../measure/closed-loop.js';
import { type Figure, figureOf } from '../measure/figures.js';
import { compare, type Contender, type Result } from '../measure/rounds.js';
import { type Stack } from '../stack.js';

/** Rates of several ways of doing the same, the first being what the others are compared with. */
export interface RateTable {
  readonly kind: 'rates';
  readonly title: string;
  /** What is counted per second. */
  readonly unit: string;
  readonly results: readonly Result[];
  /** Ways that took no part, and why. */
  readonly leftOut?: readonly { readonly name: string; readonly why: string }[];
  /** Compares with a further one of them as well. */
  readonly also?: { readonly name: string; readonly ratios: readonly Figure[] };
}

/** Memory of each process at several moments, in bytes. */
export interface MemoryTable {
  readonly kind: 'memory';
  readonly title: string;
  readonly moments: readonly string[];
  readonly processes: readonly { readonly name: string; readonly residentBytes: readonly number[] }[];
}

/** What was counted, a line for each way or size. */
export interface CountTable {
  readonly kind: 'counts';
  readonly title: string;
  readonly columns: readonly string[];
  /** The column that a chart of the table shows; none without. */
  readonly chart?: string;
  /** A value over several rounds has the range that it moved in. */
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | Figure)[] }[];
}

export type Table = RateTable | MemoryTable | CountTable;

export interface SectionContext {
  readonly stack: Stack;
  readonly effort: Effort;
  /** Processes beside those of the stack, by name. */
  readonly servers: Readonly<Record<string, number>>;
  /** Says on what it works. */
  readonly progress: (line: string) => void;
}

/** For a section that starts its own processes, and has the machine to itself. */
export interface GroundContext extends Pick<SectionContext, 'effort' | 'progress'> {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Rejects when the measuring is to be given up. */
  readonly givenUp: Promise<never>;
}

interface Subject<Context> {
  readonly name: string;
  readonly summary: string;
  /** Measures, handing over each table as soon as it is whole. */
  readonly run: (context: Context, onTable: (table: Table) => void) => Promise<void>;
}

/** One subject of the benchmark: on the stack of all, on one that has served nobody before, or on none. */
export type Section =
  | (Subject<SectionContext> & { readonly on: 'stack' | 'fresh stack' })
  | (Subject<GroundContext> & { readonly on: 'bare ground' });
export type StackSection = Extract<Section, { readonly on: 'stack' | 'fresh stack' }>;
export type GroundSection = Extract<Section, { readonly on: 'bare ground' }>;

/** Ways of doing the same, by name; the first is what the others are compared with. */
export type Ways = Readonly<Record<string, () => Promise<unknown>>>;

export interface Comparison
  extends Pick<RateTable, 'title' | 'unit'>, Pick<Load, 'inFlight' | 'unitsPerCall'> {
  readonly ways: Ways;
}

/** Measures the ways against each other. */
export function ratesOf(
  context: Pick<SectionContext, 'effort' | 'progress'>,
  { title, unit, ways, ...calls }: Comparison,
): Promise<RateTable> {
  const { measureMs: durationMs, callsMax } = context.effort;
  const load = { ...calls, durationMs, callsMax };
  const contenders = Object.entries(ways).map(([name, call]) => ({
    name,
    measure: () => closedLoop(call, load),
  }));
  return ratesOfContenders(context, { title, unit, contenders });
}

export interface WorkComparison extends Pick<RateTable, 'title' | 'unit'>, Pick<Load, 'unitsPerCall'> {
  readonly ways: Readonly<Record<string, () => void>>;
}

/** The same of work that needs no waiting, and takes less time than a promise. */
export function workOf(
  context: Pick<SectionContext, 'effort' | 'progress'>,
  { title, unit, ways, ...calls }: WorkComparison,
): Promise<RateTable> {
  const load = { ...calls, durationMs: context.effort.measureMs };
  const contenders = Object.entries(ways).map(([name, work]) => ({
    name,
    measure: () => Promise.resolve(inBatches(work, load)),
  }));
  return ratesOfContenders(context, { title, unit, contenders });
}

export interface ContenderComparison extends Pick<RateTable, 'title' | 'unit'> {
  readonly contenders: readonly Contender[];
  /** A further one of them to compare all with. */
  readonly also?: string | undefined;
}

/** The same of whatever can measure itself. */
export async function ratesOfContenders(
  { effort, progress }: Pick<SectionContext, 'effort' | 'progress'>,
  { title, unit, contenders, also }: ContenderComparison,
): Promise<RateTable> {
  const results = await compare(contenders, effort.rounds, (round) => progress(`${title}: round ${round}`));
  const reference = results.find(({ name }) => name === also);
  return {
    kind: 'rates',
    title,
    unit,
    results,
    ...(reference && {
      also: { name: reference.name, ratios: results.map((result) => ratioTo(reference, result)) },
    }),
  };
}

/** Round by round, as the ratio to a reference. */
const ratioTo = (reference: Result, { ratesPerS }: Result): Figure =>
  figureOf(ratesPerS.map((ratePerS, round) => ratePerS / reference.ratesPerS[round]!));
