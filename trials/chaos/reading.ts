import { InvalidArgumentError } from 'commander';

/** Reads a whole number within bounds. */
export const count =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  };

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Reads a time, to milliseconds. */
export function readDurationMs(text: string): number {
  const [, amount, unit] = /^(\d{1,4})(s|m|h)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('must be a time as 30s, 10m or 1h.');
  return Number(amount) * unitsMs[unit as keyof typeof unitsMs];
}
