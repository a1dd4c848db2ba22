import { type Turn } from './turn.js';

/** What was asked for happened. */
export interface Done {
  readonly kind: 'done';
  /** Where the entry stands that made it happen. */
  readonly index: number;
  readonly term: number;
  /** The index of the entry that last changed what was named; 0 when there is none any more. */
  readonly version: number;
  /** After `decide`: what is decided. After `campaign` and `resign`: who holds the office, null for nobody. */
  readonly value?: unknown;
  /** Of the lease or office that the caller holds. */
  readonly fencingToken?: number;
}

/** The codes of the wire that a command can earn, and two that concern only whoever keeps a session. */
export type RefusalCode =
  | 'conflict'
  | 'not_found'
  | 'overloaded'
  | 'invalid_argument'
  /** The session was forgotten, or never opened. A request sent once was not applied and never will be. */
  | 'session_unknown'
  /** The client said that it knows the outcome: it is not kept any more. Nothing was applied by this entry. */
  | 'stale_repeat';

export interface RefusalDetail {
  /** Where in the request, as a dotted path. */
  readonly path: string;
  readonly message: string;
}

/** Nothing was changed. A refusal is an outcome too: a retry of the request gets it again. */
export interface Refused {
  readonly kind: 'refused';
  readonly index: number;
  readonly term: number;
  readonly code: RefusalCode;
  readonly message: string;
  readonly details?: readonly RefusalDetail[];
  /** By the clock of the log: when what is in the way ends, unless it is renewed. */
  readonly retryAfterMs?: number;
}

export type Outcome = Done | Refused;

interface RefusalHints {
  /** The field of the command at fault. */
  readonly path?: string;
  /** More than that. */
  readonly details?: readonly RefusalDetail[];
  readonly retryAfterMs?: number;
}

export function refused(
  turn: Turn,
  code: RefusalCode,
  message: string,
  { path, details, retryAfterMs }: RefusalHints = {},
): Refused {
  const all = [...(path === undefined ? [] : [{ path, message }]), ...(details ?? [])];
  return {
    kind: 'refused',
    index: turn.index,
    term: turn.term,
    code,
    message,
    ...(all.length === 0 ? {} : { details: all }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
