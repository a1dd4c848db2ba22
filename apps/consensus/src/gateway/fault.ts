import { NexusError } from '@nexus/contracts';
import { type Refused } from '@nexus/core/replicated-state';
import { type NotRecorded, type Submitted } from '../replica/submission.js';
import { type Ended } from './errand.js';

const retryAfterMs = 250;

/** What was asked for, in words. */
export type Asked = 'the proposal' | 'the read' | 'the transfer' | 'the change of members';

/** What a caller is told whose request may have changed something, or may yet (R22). */
export const unknownOutcome = (asked: Exclude<Asked, 'the read'> = 'the proposal') =>
  new NexusError(
    'unknown',
    asked === 'the proposal'
      ? 'the proposal may have been committed, or be committed yet; to repeat it under the same request id is safe'
      : `${asked} may have happened, or happen yet: the status tells`,
  );

export const unavailable = (message: string) => new NexusError('unavailable', message, { retryAfterMs });

/** A refusal that the state machine gave. */
export function refusedByState({ code, message, details, retryAfterMs: waitMs }: Refused): NexusError {
  // Both concern whoever keeps a session, which is a gateway: it cannot tell what became of the request.
  if (code === 'session_unknown' || code === 'stale_repeat') return unknownOutcome();
  return new NexusError(code, message, {
    ...(details !== undefined && { details }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}

/** A refusal that has nothing to do with who leads. */
export function refusedByReplica({ reason }: Pick<NotRecorded, 'reason'>): NexusError {
  switch (reason) {
    case 'overloaded':
      return new NexusError('overloaded', 'too many proposals wait to be committed', { retryAfterMs });
    case 'too_large':
      return new NexusError('payload_too_large', 'the command is larger than one entry of the log may be');
    case 'stopped':
      return unavailable('the replica does not take part any more');
    default:
      return unavailable(`the replica cannot do that now: ${reason}`);
  }
}

/** What is told of an errand that did not come to what was asked for. */
export function faultOf(ended: Ended, asked: Asked): NexusError {
  switch (ended.kind) {
    case 'late':
    case 'unknown':
      // A read changes nothing, whatever became of it.
      return asked !== 'the read' && (ended.kind === 'unknown' || ended.mayTakeEffect)
        ? unknownOutcome(asked)
        : unavailable(`${asked} found no leader with a majority in time`);
    case 'refused':
      return refusedByReplica(ended);
    case 'failed':
      return new NexusError(ended.code, ended.message, ended.code === 'unavailable' ? { retryAfterMs } : {});
    default:
      return new NexusError('internal', `${asked} was answered as something else: ${ended.kind}`);
  }
}

/** The outcome of a proposal that was applied, or the error that it is. */
export function doneOrThrow(submitted: Extract<Submitted, { kind: 'applied' }>) {
  const { outcome } = submitted;
  if (outcome.kind === 'refused') throw refusedByState(outcome);
  const { kind: _, ...reply } = outcome;
  return reply;
}
