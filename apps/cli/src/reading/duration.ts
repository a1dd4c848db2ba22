import { limits } from '@nexus/contracts';
import { InvalidArgumentError } from 'commander';

/** What a person wrote as a time, in milliseconds; for options, which are named as people type them. */
export type DurationMs = number;

const msPer = { ms: 1, s: 1_000, m: 60_000 } as const;

/**
 * Reads `5s`, `1.5s`, `250ms`, `2m` or plain milliseconds.
 * @throws InvalidArgumentError also for more than any time-out may be
 */
export function readDuration(text: string): DurationMs {
  const [, digits, unit = 'ms'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text.trim()) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Write it as 5s, 250ms, 2m or milliseconds.');
  const ms = Math.round(Number(digits) * msPer[unit as keyof typeof msPer]);
  if (ms >= 1 && ms <= limits.timeoutMsMax) return ms;
  throw new InvalidArgumentError(`It must be from 1ms to ${limits.timeoutMsMax / 1_000}s.`);
}
