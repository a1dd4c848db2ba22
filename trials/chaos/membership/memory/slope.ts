/** How something grows by the minute: the slope of the line of least squares, and where it lies with 95 % confidence. */
export interface Slope {
  readonly perMinute: number;
  readonly low: number;
  readonly high: number;
}

export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

const msPerMinute = 60_000;
/**
 * Readings of a heap that is filled and swept depend on their neighbours, and a line through them looks more certain than
 * it is. Means over longer than a sweep takes do so less.
 */
const blockMs = 10_000;
const blocksMin = 6;

/** Undefined when there is too little to tell. */
export function slopeOf(readings: readonly Reading[]): Slope | undefined {
  const blocks = blocksOf(readings);
  const count = blocks.length;
  if (count < blocksMin) return undefined;
  const meanAt = mean(blocks.map(({ atMs }) => atMs));
  const meanValue = mean(blocks.map(({ value }) => value));
  const spread = sum(blocks.map(({ atMs }) => (atMs - meanAt) ** 2));
  const perMs = sum(blocks.map(({ atMs, value }) => (atMs - meanAt) * (value - meanValue))) / spread;
  const residuals = blocks.map(({ atMs, value }) => value - meanValue - perMs * (atMs - meanAt));
  const error = Math.sqrt(sum(residuals.map((each) => each ** 2)) / (count - 2) / spread);
  const margin = studentQuantile(count - 2) * error;
  return {
    perMinute: perMs * msPerMinute,
    low: (perMs - margin) * msPerMinute,
    high: (perMs + margin) * msPerMinute,
  };
}

function blocksOf(readings: readonly Reading[]): Reading[] {
  const startMs = readings[0]?.atMs ?? 0;
  const blocks = new Map<number, Reading[]>();
  for (const reading of readings) {
    const block = Math.floor((reading.atMs - startMs) / blockMs);
    blocks.set(block, [...(blocks.get(block) ?? []), reading]);
  }
  return [...blocks.values()].map((block) => ({
    atMs: mean(block.map(({ atMs }) => atMs)),
    value: mean(block.map(({ value }) => value)),
  }));
}

/** 97.5 % of Student's distribution lie below, by the first terms of its series (Abramowitz and Stegun 26.7.5). */
const studentQuantile = (freedom: number): number => 1.96 + 2.372 / freedom + 2.823 / freedom ** 2;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
