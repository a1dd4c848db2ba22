import {
  type CommandInput,
  endpoints,
  type ErrorCode,
  limits,
  NexusError,
  type ProposeReply,
} from '@nexus/contracts';
import { type Caller } from '@nexus/wire';
import { type Attempt } from '../client/retrying.js';

export interface ProposalOptions {
  readonly caller: Pick<Caller, 'call'>;
  readonly command: CommandInput;
  readonly requestId: string;
  /** When to give up, in milliseconds from now. */
  readonly timeoutMs: number;
  /** Most tries after the first. */
  readonly retriesMax: number;
  readonly signal: AbortSignal | undefined;
}

/** A failover takes less: a try that hears nothing for so long was lost with its replica, in milliseconds. */
const tryMsMin = 1_500;
/** A replica that lives says by then what it knows: to wait longer for one that is silent helps nobody. */
const tryMsMax = 5_000;
/** What a reply needs to travel: so much earlier the service has to say what it knows, in milliseconds. */
const travelMsMax = 100;
/**
 * How long after the first try that may be committed the last one has to end, in milliseconds: what the log applies once
 * it has forgotten the request id, it applies again. The rest of the window is for messages that are slow.
 */
const repeatedMsMax = limits.idempotencyWindowMs - 10_000;

/** After these the same proposal may succeed: the group has a new leader in a moment. */
const passingFaults: ReadonlySet<ErrorCode> = new Set(['unknown', 'not_leader', 'unavailable', 'overloaded']);
/** After these what was sent may be committed: nobody said in words of the contract that it is not. */
const openFaults: ReadonlySet<ErrorCode> = new Set(['unknown', 'deadline_exceeded', 'internal']);
/** Outcomes of the command itself, which the log keeps under the request id: they hold for earlier tries as well. */
const refusals: ReadonlySet<ErrorCode> = new Set(['conflict', 'not_found']);

/** One proposal, over as many tries under its request id as it takes, and what may have become of them. */
export class Proposal implements Attempt<ProposeReply> {
  private readonly giveUpAtMs: number;
  private readonly tryMs: number;
  private tries = 0;
  /** When the first try began that may be committed, by `performance.now()`; infinite while there is none. */
  private openSinceMs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: ProposalOptions) {
    const { timeoutMs, retriesMax } = options;
    this.giveUpAtMs = performance.now() + timeoutMs;
    this.tryMs = Math.min(tryMsMax, Math.max(tryMsMin, timeoutMs / (retriesMax + 1)));
  }

  /** When its last try has to end, by `performance.now()`. */
  get deadlineMs(): number {
    return Math.min(this.giveUpAtMs, this.openSinceMs + repeatedMsMax);
  }

  /** A repeat is safe as long as the request id is remembered. */
  accepted(): boolean {
    return false;
  }

  passes({ code }: NexusError): boolean {
    return passingFaults.has(code) && this.options.signal?.aborted !== true;
  }

  async run(leftMs: number): Promise<ProposeReply> {
    const { caller, command, requestId, signal, retriesMax } = this.options;
    const startedAtMs = performance.now();
    // The process may have stood still while it waited.
    if (startedAtMs >= this.openSinceMs + repeatedMsMax) throw outcomeUnknown(tooLate());
    this.tries += 1;
    const isLast = this.tries > retriesMax;
    const forMs = Math.min(leftMs, isLast ? limits.timeoutMsMax : this.tryMs);
    const body = { requestId, command, timeoutMs: serviceTimeMs(forMs) };
    const isSent = signal?.aborted !== true;
    try {
      return await caller.call(endpoints.consensusPropose, {}, body, { timeoutMs: forMs, signal });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      // Whatever code the reason of the signal has, it says nothing of what was sent.
      const isReason = error === signal?.reason;
      if (isSent && (isReason || openFaults.has(error.code))) {
        this.openSinceMs = Math.min(this.openSinceMs, startedAtMs);
      }
      const isRefusal = isSent && !isReason && refusals.has(error.code);
      // A try that certainly came to nothing says nothing of an earlier one.
      throw this.openSinceMs < Number.POSITIVE_INFINITY && !isRefusal ? outcomeUnknown(error) : error;
    }
  }
}

const serviceTimeMs = (forMs: number) => Math.max(1, Math.floor(forMs - Math.min(travelMsMax, forMs / 10)));

const tooLate = () => new NexusError('deadline_exceeded', 'the log may have forgotten its request id by now');

/** What asks for time before the next try still gets it. */
function outcomeUnknown(cause: NexusError): NexusError {
  if (cause.code === 'unknown') return cause;
  const { message, retryAfterMs } = cause;
  return new NexusError('unknown', `the proposal may be committed, or not: ${message}`, {
    retryAfterMs,
    cause,
  });
}
