import { InvalidArgumentError } from 'commander';

/** Reads a whole number of any size. */
export function readWhole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number.');
}

/** A reader of whole numbers within bounds. */
export const readCount =
  (min: number, max: number) =>
  (text: string): number => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= min && count <= max) return count;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max}.`);
  };

/** A reader of numbers within bounds. */
export const readNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`A number from ${min} to ${max}.`);
  };

/** Ids divided by commas, as of one `--ids` or of several. */
export const readIds = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== ''),
];

/** Collects the values of a repeatable option. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
