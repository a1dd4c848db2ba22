import { type WorkResult } from '@nexus/contracts';
import { type Asked } from '../load/asked.js';
import { type UnitDone } from '../load/unit.js';
import { type Run } from '../members/record.js';

/** What became of all units. */
export interface Accounts {
  readonly units: number;
  readonly requests: number;
  readonly done: number;
  /** Units that failed with a typed error, by its code. */
  readonly failed: Readonly<Record<string, number>>;
  /** Requests that failed as a whole, by the code of the error; their units are in `failed` as well. */
  readonly refused: Readonly<Record<string, number>>;
  /** Starts that agents wrote down, over all units. */
  readonly runs: number;
  /** Units that more than one agent began. */
  readonly ranAgain: number;
  /** Units whose result names more than one attempt. */
  readonly triedAgain: number;
  /** Requests by the layer that served them. */
  readonly layers: Readonly<Record<string, number>>;
  /** Requests by whose round-robin numbers they took. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Results that are missing, strange, or there twice; in words. */
  readonly misaccounted: readonly string[];
  /** Units that ran otherwise than their results say; in words. */
  readonly misrun: readonly string[];
}

interface Draft {
  readonly done: { count: number };
  readonly failed: Map<string, number>;
  readonly misaccounted: string[];
  readonly misrun: string[];
}

/** Holds what requests brought against what agents wrote down. */
export function accountsOf(asked: readonly Asked[], runs: readonly Run[]): Accounts {
  const draft: Draft = { done: { count: 0 }, failed: new Map(), misaccounted: [], misrun: [] };
  const refused = new Map<string, number>();
  const [layers, numbers] = [new Map<string, number>(), new Map<string, number>()];
  const runsOf = runsByUnit(runs, draft);
  let triedAgain = 0;
  for (const { request, outcome } of asked) {
    const units = request.units.map(({ unit }) => unit);
    if (outcome.kind === 'refused') {
      add(refused, outcome.code);
      for (const unit of units) {
        add(draft.failed, outcome.code);
        lookAtRuns(unit, { attempts: 0 }, runsOf.get(unit), draft);
      }
      continue;
    }
    add(layers, outcome.layer);
    if (outcome.numbers) add(numbers, outcome.numbers);
    lookAtResults(units, outcome.results, draft);
    for (const result of outcome.results) {
      if (result.attempts > 1) triedAgain += 1;
      lookAtRuns(result.requestId, result, runsOf.get(result.requestId), draft);
    }
  }
  lookForStrangers(asked, runsOf, draft);
  return {
    units: asked.reduce((sum, { request }) => sum + request.units.length, 0),
    requests: asked.length,
    done: draft.done.count,
    ...{ failed: record(draft.failed), refused: record(refused) },
    ...{ runs: runs.length, triedAgain },
    ranAgain: [...runsOf.values()].filter(({ length }) => length > 1).length,
    ...{ layers: record(layers), numbers: record(numbers) },
    ...{ misaccounted: draft.misaccounted, misrun: draft.misrun },
  };
}

/** One result a unit, in their order, each of its own unit. */
function lookAtResults(units: readonly string[], results: readonly WorkResult[], draft: Draft): void {
  const { misaccounted, done, failed } = draft;
  const counts = new Map<string, number>();
  for (const { requestId } of results) add(counts, requestId);
  for (const unit of units) {
    const count = counts.get(unit) ?? 0;
    if (count !== 1) misaccounted.push(`${unit} has ${count} results`);
  }
  results.forEach(({ requestId, ok, data, error }, at) => {
    if (!units.includes(requestId)) misaccounted.push(`a result of ${requestId}, which was not asked for`);
    else if (units[at] !== requestId) misaccounted.push(`the result of ${requestId} is out of its place`);
    if (ok) {
      done.count += 1;
      const told = (data as Partial<UnitDone> | undefined)?.unit;
      if (told !== requestId) misaccounted.push(`the result of ${requestId} is that of ${told}`);
    } else if (error) add(failed, error.code);
    else misaccounted.push(`${requestId} failed without an error`);
  });
}

/** What is done was run, and nothing is run more often than was tried. */
function lookAtRuns(
  unit: string,
  { ok = false, attempts }: { readonly ok?: boolean; readonly attempts: number },
  runs: readonly Run[] = [],
  { misrun }: Draft,
): void {
  if (ok && runs.length === 0) misrun.push(`${unit} is done, and nobody ran it`);
  if (ok && attempts < 1) misrun.push(`${unit} is done after ${attempts} attempts`);
  if (runs.length > attempts) misrun.push(`${unit} ran ${runs.length} times in ${attempts} attempts`);
}

function runsByUnit(runs: readonly Run[], { misrun }: Draft): Map<string, Run[]> {
  const runsOf = new Map<string, Run[]>();
  for (const run of runs) {
    const others = runsOf.get(run.unit) ?? [];
    for (const { attempt, agentId } of others) {
      if (attempt !== run.attempt) continue;
      misrun.push(`${run.unit} ran twice in attempt ${attempt}: at ${agentId} and ${run.agentId}`);
    }
    runsOf.set(run.unit, [...others, run]);
  }
  return runsOf;
}

function lookForStrangers(asked: readonly Asked[], runsOf: ReadonlyMap<string, unknown>, draft: Draft): void {
  const known = new Set(asked.flatMap(({ request }) => request.units.map(({ unit }) => unit)));
  for (const unit of runsOf.keys())
    if (!known.has(unit)) draft.misrun.push(`${unit} ran and was not asked for`);
}

const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
const record = (counts: Map<string, number>) => Object.fromEntries(counts);
