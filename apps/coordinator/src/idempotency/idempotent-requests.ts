import { type CoordinateReply, type ErrorCode, limits, NexusError } from '@nexus/contracts';
import { exceeds } from '../coordinate/reply-size.js';
import { type Deadline } from '../coordination/deadline.js';
import { ClaimReturns } from './claim-returns.js';
import { type Claim, type OutcomeStore, type RequestKey } from './outcome-store.js';

export interface IdempotentRun {
  readonly key: RequestKey;
  /** Tells a repeat from another request under the same id. */
  readonly fingerprint: string;
  readonly deadline: Deadline;
  /** @param repeated whether an earlier run may have come to something that nobody knows */
  readonly run: (repeated: boolean) => Promise<CoordinateReply>;
  /** Whether `run` has sent anything to anybody: if not, a failure leaves no trace and may be repeated. */
  readonly hasSent: () => boolean;
  /**
   * Whether what it changes is changed once by its id, elsewhere. Then it runs again when nobody knows what came of it:
   * that is how the caller learns. Default false.
   */
  readonly mayRunAgain?: boolean;
}

/** An open outcome is a failure that says nothing final of what the request changed. */
type Outcome = { reply: CoordinateReply } | { error: unknown; open?: true };

/** Failures after which a request that may run again does. */
const openCodes: ReadonlySet<ErrorCode> = new Set(['unknown', 'not_leader', 'unavailable']);

const pollMsMin = 20;
const pollMsMax = 250;
/** Larger outcomes are not kept for repeats: the store holds all those of the window in memory. */
const outcomeBytesMax = 1024 * 1024;

/**
 * Runs each request that carries an id once, over all coordinators: a repeat within the window gets the first
 * outcome, and one that comes while the first still runs waits for it.
 */
export class IdempotentRequests {
  private readonly returns: ClaimReturns;
  private attempts = 0;

  constructor(
    private readonly store: OutcomeStore,
    /** This process, unique among all lives of all coordinators. */
    private readonly process: string,
  ) {
    this.returns = new ClaimReturns(store);
  }

  /**
   * @throws NexusError `conflict` when the id was used for a different request; `unavailable` when the store cannot be
   * reached, or when the first outcome is not known by the deadline; else what `run` throws
   */
  async once(request: IdempotentRun): Promise<CoordinateReply> {
    const { key, deadline } = request;
    const owner = this.newOwner();
    let pollMs = pollMsMin;
    for (;;) {
      const claim = await this.claim(request, owner);
      switch (claim.kind) {
        case 'claimed':
          return this.run(request, owner);
        case 'done': {
          const outcome = JSON.parse(Buffer.from(claim.outcome).toString()) as Outcome;
          return 'open' in outcome ? request.run(true) : replay(outcome);
        }
        case 'conflict':
          throw new NexusError('conflict', `requestId ${key.requestId} was used for a different request`, {
            details: [{ path: 'requestId', message: 'choose a new one for a new request' }],
          });
        case 'running':
          if (request.mayRunAgain && isHalfOver(deadline)) return request.run(true);
          await waitAtMost(pollMs, deadline);
          pollMs = Math.min(pollMsMax, pollMs * 2);
      }
    }
  }

  /** Every attempt claims in a name of its own, so that what one gives back is never the claim of another. */
  private newOwner(): string {
    this.attempts += 1;
    return `${this.process}/${this.attempts}`;
  }

  private async claim({ key, fingerprint, deadline }: IdempotentRun, owner: string): Promise<Claim> {
    // The claim outlives the run by the window: an id whose coordinator was killed stays taken, as nobody knows
    // how far the work had come.
    const leaseMs = deadline.timeoutMs + limits.idempotencyWindowMs;
    try {
      return await this.store.claim({ ...key, fingerprint, owner, leaseMs });
    } catch (error) {
      // No answer came, but the claim may still be carried out: then it would stand in the way of every repeat.
      void this.returns.giveBack({ ...key, owner });
      throw error;
    }
  }

  private async run(request: IdempotentRun, owner: string): Promise<CoordinateReply> {
    try {
      const reply = await request.run(false);
      await this.keep(request, owner, { reply });
      return reply;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      const open = request.mayRunAgain && openCodes.has(error.code);
      if (!request.hasSent()) await this.returns.giveBack({ ...request.key, owner });
      else await this.keep(request, owner, { error: error.toBody(), ...(open && { open }) });
      throw thrown;
    }
  }

  /** Keeping fails only with the store; the claim then stands until its lease ends, and repeats are refused. */
  private async keep({ key, fingerprint }: IdempotentRun, owner: string, outcome: Outcome): Promise<void> {
    const large =
      'reply' in outcome && exceeds(outcome.reply, { encoding: 'json', bytesMax: outcomeBytesMax });
    const kept = JSON.stringify(large ? { error: tooLarge().toBody() } : outcome);
    await this.store
      .complete({ ...key, fingerprint, owner, outcome: kept, keepMs: limits.idempotencyWindowMs })
      .catch(() => undefined);
  }
}

const tooLarge = () =>
  new NexusError('payload_too_large', 'the first outcome was too large to be kept for a repeat');

function replay(outcome: Outcome): CoordinateReply {
  if ('reply' in outcome) return outcome.reply;
  throw NexusError.fromBody(outcome.error);
}

/** The first run may have been lost with its coordinator; what is left has to do for another. */
const isHalfOver = ({ elapsedMs, timeoutMs }: Deadline) => elapsedMs >= timeoutMs / 2;

async function waitAtMost(ms: number, deadline: Deadline): Promise<void> {
  if (deadline.remainingMs === 0) {
    throw new NexusError(
      'unavailable',
      'the first request under this id is still running, or was lost with its coordinator: its outcome is unknown',
      { retryAfterMs: 1_000 },
    );
  }
  await new Promise((resolve) => setTimeout(resolve, Math.min(ms, deadline.remainingMs)));
}
