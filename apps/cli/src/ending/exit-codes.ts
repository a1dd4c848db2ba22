import { type ErrorCode, type Status } from '@nexus/contracts';

/** How a command ended, beside the codes of errors. */
export const exitCodes = {
  ok: 0,
  other: 1,
  usage: 2,
  coordinationFailed: 10,
  incomplete: 11,
  interrupted: 130,
  terminated: 143,
} as const;

const byError: Readonly<Record<ErrorCode, number>> = {
  internal: exitCodes.other,
  invalid_argument: exitCodes.usage,
  not_found: 3,
  conflict: 4,
  unauthorized: 5,
  forbidden: 5,
  overloaded: 6,
  unavailable: 7,
  not_leader: 7,
  deadline_exceeded: 8,
  unknown: 8,
  payload_too_large: 9,
};

export const exitCodeOf = (code: ErrorCode): number => byError[code];

/** What a coordination's status means for a script. */
export function exitCodeOfStatus(status: Status, requireComplete: boolean): number {
  if (status === 'failed') return exitCodes.coordinationFailed;
  return status === 'partial' && requireComplete ? exitCodes.incomplete : exitCodes.ok;
}

export const exitCodesHelp = `
Exit codes:
  0  done                                  6  overloaded
  1  internal or other error               7  unavailable, not_leader
  2  wrong usage, invalid_argument         8  deadline_exceeded, unknown
  3  not_found                             9  payload_too_large
  4  conflict                             10  a coordination failed
  5  unauthorized, forbidden              11  it was partial, with --require-complete
  130, 143  ended by Ctrl-C or SIGTERM`;
