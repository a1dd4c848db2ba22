import { limits } from '@nexus/contracts';
import { InvalidArgumentError } from 'commander';

/** What a person wrote as a time, in milliseconds; for options, which are named as people type them. */
export type DurationMs = number;

const msPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A reader of `5s`, `1.5s`, `250ms`, `2m`, `1h` or plain milliseconds within bounds. */
export const durationReader =
  ({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }) =>
  (text: string): DurationMs => {
    const [, digits, unit = 'ms'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
    if (digits === undefined) throw new InvalidArgumentError('Write it as 5s, 250ms, 2m or milliseconds.');
    const ms = Math.round(Number(digits) * msPer[unit as keyof typeof msPer]);
    if (ms >= minMs && ms <= maxMs) return ms;
    throw new InvalidArgumentError(`It must be from ${minMs}ms to ${maxMs / 1_000}s.`);
  };

/**
 * Reads a time-out.
 * @throws InvalidArgumentError also for more than any time-out may be
 */
export const readDuration = durationReader({ minMs: 1, maxMs: limits.timeoutMsMax });
