import { beforeAll, expect, it } from '@jest/globals';
import { Coverage } from '../coverage.js';
import { type Simulation, type SimulationResult, totalCoverage } from '../simulation.js';

interface Trial {
  readonly simulation: Simulation;
  /** What runs one of its seeds, for who reads of a failure. */
  readonly command: string;
  /** How many are run: the first ones. */
  readonly seeds: number;
  /** What a simulator must meet with, or it proves nothing about it. */
  readonly exercised: readonly string[];
}

/** There once the tests run. */
interface Runs {
  results: readonly SimulationResult[];
  coverage: Coverage;
}

/** What is shown of every simulation; for use within a `describe`. */
export function itKeepsItsPromises({ simulation, command, seeds, exercised }: Trial): Readonly<Runs> {
  const runs: Runs = { results: [], coverage: new Coverage() };
  beforeAll(() => {
    runs.results = Array.from({ length: seeds }, (_, at) => simulation.run(at + 1));
    runs.coverage = totalCoverage(runs.results);
  });

  it(`keeps every promise on ${seeds} seeds`, () => {
    const broken = runs.results.filter(({ violation }) => violation !== null);
    expect(broken.map(({ seed, violation }) => `${command} --seed ${seed}: ${violation!.invariant}`)).toEqual(
      [],
    );
  });

  it.each(exercised)('exercises: %s', (kind) => {
    expect(runs.coverage.of(kind)).toBeGreaterThan(0);
  });

  it('gives the same trace for the same seed, whether its lines are kept or not, and another for another', () => {
    const hashes = [1, 2, 3].map((seed) => simulation.run(seed, { keepsLines: seed === 3 }).hash);
    expect(hashes).toEqual(runs.results.slice(0, 3).map(({ hash }) => hash));
    expect(new Set(runs.results.map(({ hash }) => hash)).size).toBe(seeds);
  });

  return runs;
}
