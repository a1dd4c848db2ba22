import { NexusError } from '@nexus/contracts';
import { ReplyError } from 'ioredis';

/** Whether Redis itself answered with this error, rather than that no answer came. */
export const isReplyError = (error: unknown): error is Error =>
  error instanceof Error && error instanceof ReplyError;

/** Replies by which Redis says that it cannot serve now, rather than that the command was wrong. */
const passing = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|NOAUTH)\b/;

/** What went wrong with a command, as callers can act on it: `unavailable`, or `internal` when we asked nonsense. */
export function redisFault(error: unknown): NexusError {
  if (error instanceof NexusError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (isReplyError(error) && !passing.test(reason)) {
    return new NexusError('internal', 'Redis refused a command', { cause: error });
  }
  return new NexusError('unavailable', 'Redis does not answer', { cause: error, retryAfterMs: 1_000 });
}
