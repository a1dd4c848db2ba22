import { shorten } from '@nexus/platform/terminal';

/** Longest value in a table. */
export const dataCharsMax = 60;

/** A value of JSON in the space that a table has for it. */
export const dataText = (value: unknown): string =>
  value === undefined ? '-' : shorten(JSON.stringify(value), dataCharsMax);
