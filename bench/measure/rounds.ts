import { type Sample } from './closed-loop.js';
import { type Figure, figureOf, quantile } from './figures.js';

/** One way of doing the work that is compared. */
export interface Contender {
  readonly name: string;
  /** Measures once. */
  readonly measure: () => Promise<Sample>;
}

/** What the rounds of one contender came to. */
export interface Result {
  readonly name: string;
  readonly ratePerS: Figure;
  /** Over the calls of all rounds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Measured calls. */
  readonly calls: number;
  /** Its rate by that of the first contender in the same round. */
  readonly ratio: Figure;
  /** Its rate in each round. */
  readonly ratesPerS: readonly number[];
}

/**
 * Measures the contenders in turn, round after round, each round beginning with another one, so that whatever else the
 * machine does meets all of them alike. The first contender is the one that the others are compared with. One
 * measurement of each comes before, to warm up, and does not count.
 */
export async function compare(
  contenders: readonly Contender[],
  rounds: number,
  onRound: (round: number) => void = () => undefined,
): Promise<Result[]> {
  const samples = contenders.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (turn + round) % contenders.length;
      const sample = await measured(contenders[index]!);
      if (round > 0) samples[index]!.push(sample);
    }
  }
  const baseline = samples[0] ?? [];
  return contenders.map(({ name }, index) => resultOf(name, samples[index]!, baseline));
}

async function measured({ name, measure }: Contender): Promise<Sample> {
  try {
    const sample = await measure();
    if (sample.latenciesMs.length === 0) throw new Error('no call was made');
    return sample;
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function resultOf(name: string, samples: readonly Sample[], baseline: readonly Sample[]): Result {
  const latencies = samples.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const ratesPerS = samples.map(({ ratePerS }) => ratePerS);
  return {
    name,
    ratePerS: figureOf(ratesPerS),
    ratesPerS,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    calls: samples.reduce((sum, { calls, latenciesMs }) => sum + (calls ?? latenciesMs.length), 0),
    ratio: figureOf(ratesPerS.map((ratePerS, round) => ratePerS / baseline[round]!.ratePerS)),
  };
}
