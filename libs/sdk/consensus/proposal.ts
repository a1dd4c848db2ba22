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
/** What a reply needs to travel: so much earlier the service has to say what it knows, in milliseconds. */
const travelMsMax = 100;
/** After these the same proposal may succeed: the group has a new leader in a moment. */
const passingFaults: ReadonlySet<ErrorCode> = new Set(['unknown', 'not_leader', 'unavailable', 'overloaded']);
/** After these what was sent may be committed: nobody said in words of the contract that it is not. */
const openFaults: ReadonlySet<ErrorCode> = new Set(['unknown', 'deadline_exceeded', 'internal']);
/** Outcomes of the command itself, which the log keeps under the request id: they hold for earlier tries as well. */
const refusals: ReadonlySet<ErrorCode> = new Set(['conflict', 'not_found']);

/** One proposal, over as many tries under its request id as it takes, and what may have become of them. */
export class Proposal implements Attempt<ProposeReply> {
  /** When to give up, by `performance.now()`. */
  readonly deadlineMs: number;
  private readonly tryMs: number;
  /** Whether some try may be committed. */
  private isOpen = false;

  constructor(private readonly options: ProposalOptions) {
    const { timeoutMs, retriesMax } = options;
    this.deadlineMs = performance.now() + timeoutMs;
    this.tryMs = Math.min(limits.timeoutMsMax, Math.max(tryMsMin, timeoutMs / (retriesMax + 1)));
  }

  /** A repeat is always safe. */
  accepted(): boolean {
    return false;
  }

  passes({ code }: NexusError): boolean {
    return passingFaults.has(code) && this.options.signal?.aborted !== true;
  }

  async run(leftMs: number): Promise<ProposeReply> {
    const { caller, command, requestId, signal } = this.options;
    const forMs = Math.min(leftMs, this.tryMs);
    const body = { requestId, command, timeoutMs: serviceTimeMs(forMs) };
    const isSent = signal?.aborted !== true;
    try {
      return await caller.call(endpoints.consensusPropose, {}, body, { timeoutMs: forMs, signal });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      // Whatever code the reason of the signal has, it says nothing of what was sent.
      const isReason = error === signal?.reason;
      this.isOpen ||= isSent && (isReason || openFaults.has(error.code));
      const isRefusal = isSent && !isReason && refusals.has(error.code);
      // A try that certainly came to nothing says nothing of an earlier one.
      throw this.isOpen && !isRefusal ? outcomeUnknown(error) : error;
    }
  }
}

const serviceTimeMs = (forMs: number) => Math.max(1, Math.floor(forMs - Math.min(travelMsMax, forMs / 10)));

/** What asks for time before the next try still gets it. */
function outcomeUnknown(cause: NexusError): NexusError {
  if (cause.code === 'unknown') return cause;
  const { message, retryAfterMs } = cause;
  return new NexusError('unknown', `the proposal may be committed, or not: ${message}`, {
    retryAfterMs,
    cause,
  });
}
