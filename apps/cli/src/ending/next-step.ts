import { type ErrorCode, type NexusError } from '@nexus/contracts';

const steps: Readonly<Record<Exclude<ErrorCode, 'overloaded'>, string>> = {
  invalid_argument: 'add --help to the command for its options and an example',
  unauthorized: 'set NEXUS_NATS_USER and NEXUS_NATS_PASSWORD to credentials that the server knows',
  forbidden: 'use a --user and credentials that are allowed to do this',
  not_found: 'nexus agents lists who is in the fleet',
  conflict: 'somebody else was first: look at what stands now, or choose another id',
  payload_too_large: 'send less at once: split the work, or let the payload name where the data is',
  not_leader: 'try again: a leader is being elected',
  internal: 'look at the log of the service; if this repeats, report it with the trace id',
  unavailable: 'nexus status shows which services answer; nexus up starts them here',
  unknown: 'it may have been committed: repeat it with the same --request-id, which is safe',
  deadline_exceeded: 'raise --timeout, or see with nexus status whether the services are busy',
};

/** What a person may do about an error. */
export function nextStep({ code, retryAfterMs }: NexusError): string {
  if (code !== 'overloaded') return steps[code];
  return retryAfterMs === undefined ? 'try again later' : `try again in ${retryAfterMs} ms`;
}

/** An error for which the command itself knows better what to do. */
export class Advised extends Error {
  override readonly name = 'Advised';

  constructor(
    readonly error: NexusError,
    readonly advice: string,
  ) {
    super(error.message, { cause: error });
  }
}
