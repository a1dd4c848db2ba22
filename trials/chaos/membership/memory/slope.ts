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
const readingsMin = 6;
/** Below it a line is as good as exact: readings of whole bytes are. It keeps such a line from being all of a mean. */
const errorMin = 1e-6;

/** Undefined when there is too little to tell. */
export function slopeOf(readings: readonly Reading[]): Slope | undefined {
  const count = readings.length;
  if (count < readingsMin) return undefined;
  const meanAt = mean(readings.map(({ atMs }) => atMs));
  const meanValue = mean(readings.map(({ value }) => value));
  const spread = sum(readings.map(({ atMs }) => (atMs - meanAt) ** 2));
  const perMs = sum(readings.map(({ atMs, value }) => (atMs - meanAt) * (value - meanValue))) / spread;
  const residuals = readings.map(({ atMs, value }) => value - meanValue - perMs * (atMs - meanAt));
  const error = Math.sqrt(sum(residuals.map((each) => each ** 2)) / (count - 2) / spread);
  return around(perMs * msPerMinute, studentQuantile(count - 2) * error * msPerMinute);
}

/**
 * The mean of slopes, each weighted by how sure it is (inverse variance). A slope of few readings has a wide interval, and
 * counts for less by it. Where slopes differ by more than their own intervals tell, the interval of their mean is widened
 * in the same measure (Birge 1932): processes that behave differently are no more sure for being many. Undefined without
 * any.
 */
export function pooledSlope(slopes: readonly Slope[]): Slope | undefined {
  const [first] = slopes;
  if (first === undefined || slopes.length === 1) return first;
  const weights = slopes.map(
    ({ low, high }) => 1 / Math.max((high - low) / 2 / normalQuantile, errorMin) ** 2,
  );
  const total = sum(weights);
  const perMinute = sum(slopes.map((slope, at) => slope.perMinute * weights[at]!)) / total;
  const scatter = sum(slopes.map((slope, at) => weights[at]! * (slope.perMinute - perMinute) ** 2));
  const widened = Math.max(1, Math.sqrt(scatter / (slopes.length - 1)));
  return around(perMinute, (normalQuantile * widened) / Math.sqrt(total));
}

const around = (perMinute: number, margin: number): Slope => ({
  ...{ perMinute, low: perMinute - margin, high: perMinute + margin },
});

const normalQuantile = 1.96;

/** 97.5 % of Student's distribution lie below, by the first terms of its series (Abramowitz and Stegun 26.7.5). */
const studentQuantile = (freedom: number): number => normalQuantile + 2.372 / freedom + 2.823 / freedom ** 2;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
