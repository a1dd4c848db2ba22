import { z } from 'zod';

/**
 * The closed set of error codes, each with the HTTP status it carries in `Nats-Service-Error-Code`. `unknown` is
 * said of what changes the decision log alone: it may have been committed, or be committed yet; to repeat a proposal
 * under the same request id is safe.
 */
export const errorStatus = {
  invalid_argument: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  not_leader: 421,
  overloaded: 429,
  internal: 500,
  unknown: 502,
  unavailable: 503,
  deadline_exceeded: 504,
} as const;

export type ErrorCode = keyof typeof errorStatus;
export const errorCodes = Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]];
export const errorCodeSchema = z.enum(errorCodes);

/** Codes after which the same request may succeed unchanged, later or elsewhere. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set(['not_leader', 'overloaded', 'unavailable']);

export const errorDetailSchema = z.object({
  path: z.string().describe('Where in the request, as a dotted path; empty for the whole.'),
  message: z.string(),
});
export type ErrorDetail = z.infer<typeof errorDetailSchema>;

/** The body of every error reply. */
export const errorBodySchema = z.object({
  error: z.object({
    code: errorCodeSchema,
    message: z.string(),
    details: z.array(errorDetailSchema).default([]),
    retryable: z.boolean(),
    retryAfterMs: z.int().nonnegative().optional(),
    leader: z.string().optional().describe('With `not_leader`: the replica to ask instead.'),
    leaderSubject: z.string().optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

export interface NexusErrorOptions {
  details?: readonly ErrorDetail[];
  /** Earliest time at which a retry makes sense, in milliseconds from now. */
  retryAfterMs?: number | undefined;
  leader?: string | undefined;
  leaderSubject?: string | undefined;
  cause?: unknown;
}

/** An operational fault, with a code that callers can act on. It survives the wire unchanged. */
export class NexusError extends Error {
  override readonly name = 'NexusError';
  readonly details: readonly ErrorDetail[];
  readonly retryAfterMs: number | undefined;
  readonly leader: string | undefined;
  readonly leaderSubject: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: NexusErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.leader = options.leader;
    this.leaderSubject = options.leaderSubject;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorStatus[this.code];
  }

  /** Whether the same request may succeed later; derived from the code alone. */
  get retryable(): boolean {
    return retryableCodes.has(this.code);
  }

  toBody(): ErrorBody {
    const { code, message, details, retryable, retryAfterMs, leader, leaderSubject } = this;
    return {
      error: {
        code,
        message,
        details: [...details],
        retryable,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(leader === undefined ? {} : { leader }),
        ...(leaderSubject === undefined ? {} : { leaderSubject }),
      },
    };
  }

  /** Rebuilds the error from the body of an error reply; a body that is none becomes `internal`. */
  static fromBody(body: unknown): NexusError {
    const parsed = errorBodySchema.safeParse(body);
    if (!parsed.success) return new NexusError('internal', 'the peer answered with a malformed error');
    const { code, message, ...options } = parsed.data.error;
    return new NexusError(code, message, options);
  }

  /** A `NexusError` as it is; anything else as `internal`, keeping the original as the cause. */
  static from(error: unknown): NexusError {
    if (error instanceof NexusError) return error;
    return new NexusError('internal', 'internal error', { cause: error });
  }

  /** `invalid_argument` with one detail a fault that the schema found. */
  static fromIssues(what: string, error: z.ZodError): NexusError {
    const details = error.issues.flatMap(detailsOf).slice(0, detailsMax);
    const first = details[0];
    const where = first?.path ? `${first.path}: ` : '';
    return new NexusError('invalid_argument', `${what}: ${where}${first?.message ?? 'malformed'}`, {
      details,
    });
  }
}

/**
 * The refusal of something that the contract names and this build does not do. It comes without `retryAfterMs`: to wait
 * does not help.
 * @param path the field that asks for it, as `goal.algorithm`
 * @param what as in the request, as `algorithm least_connections`
 * @param instead what to do, as `use round_robin`
 */
export const notInThisBuild = (path: string, what: string, instead: string): NexusError =>
  new NexusError('unavailable', `${what} is not available in this build; ${instead}`, {
    details: [{ path, message: instead }],
  });

const detailsMax = 20;

/** Fields that do not exist are named one by one, each by its own path. */
function detailsOf(issue: z.core.$ZodIssue): ErrorDetail[] {
  const at = (...tail: string[]) => [...issue.path.map(String), ...tail].join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path: at(), message: issue.message }];
  return issue.keys.map((key) => ({ path: at(key), message: 'no such field' }));
}

/**
 * Parses a value by its schema.
 * @param what names the thing in the error message, as `agents.register request`
 * @throws NexusError `invalid_argument` with a detail a fault
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw NexusError.fromIssues(what, parsed.error);
  return parsed.data;
}
