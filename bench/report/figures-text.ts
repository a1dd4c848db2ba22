import { type Figure } from '../measure/figures.js';

export const rangeText = ({ min, max }: Figure, show: (value: number) => string): string =>
  `${show(min)}–${show(max)}`;

/** Three digits at least, no more than the measure is worth. */
export const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

/** One value, or the median of several with their range. */
export function countText(value: number | Figure): string {
  if (typeof value === 'number') return number(value);
  if (value.min === value.max) return number(value.median);
  return `${number(value.median)} (${rangeText(value, number)})`;
}

interface TimeUnit {
  readonly unit: string;
  readonly perMs: number;
  /** It is used for times above this. */
  readonly fromMs: number;
}

const timeUnits: readonly TimeUnit[] = [
  { unit: 'ms', perMs: 1, fromMs: 0.2 },
  { unit: 'µs', perMs: 1e3, fromMs: 0.001 },
  { unit: 'ns', perMs: 1e6, fromMs: 0 },
];

/** One unit for all times of a table: that of the longest. */
export function timesOf(timesMs: readonly number[]): {
  readonly unit: string;
  readonly show: (timeMs: number) => string;
} {
  const longestMs = Math.max(...timesMs);
  const { unit, perMs } = timeUnits.find(({ fromMs }) => longestMs >= fromMs) ?? timeUnits[0]!;
  const show = (timeMs: number) => (timeMs * perMs).toFixed(timeMs * perMs < 10 ? 2 : 1);
  return { unit, show };
}
