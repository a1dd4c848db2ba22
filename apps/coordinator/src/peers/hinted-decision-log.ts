import {
  type CommandInput,
  type ErrorCode,
  type KeyReading,
  type LeaseReading,
  NexusError,
  type ProposeReply,
} from '@nexus/contracts';
import { type DecisionLog } from '../decisions/decision-log.js';
import { type ServiceHealth } from './service-health.js';

type ProposeOptions = Parameters<DecisionLog['propose']>[1];
type ReadOptions = Parameters<DecisionLog['read']>[1];

export interface HintedLogOptions {
  readonly log: DecisionLog;
  readonly health: Pick<ServiceHealth, 'missingSince'>;
  /** How long gossip must know no replica before a request is spared the wait. Default 3,000. */
  readonly patienceMs?: number;
  /** How often one request tries all the same: gossip may be wrong. Default 1,000. */
  readonly tryEveryMs?: number;
}

const patienceMsDefault = 3_000;
const tryEveryMsDefault = 1_000;

/** Failures that say nothing of whether a replica lives. */
const silent: ReadonlySet<ErrorCode> = new Set(['unavailable', 'not_leader', 'deadline_exceeded', 'unknown']);

/**
 * The decision log for requests: while gossip knows no live replica they fail at once, not at the end of their time. It
 * is a hint and no more, so that now and then one request tries; what it finds there lets all others in again.
 */
export class HintedDecisionLog implements DecisionLog {
  private triedAtMs = -Infinity;
  /** The loss that gossip told of when a replica answered nevertheless. */
  private disproved: number | undefined;

  constructor(private readonly options: HintedLogOptions) {}

  propose(command: CommandInput, options: ProposeOptions): Promise<ProposeReply> {
    return this.ask(() => this.options.log.propose(command, options));
  }

  read(key: string, options: ReadOptions): Promise<KeyReading> {
    return this.ask(() => this.options.log.read(key, options));
  }

  readLease(resource: string, options: ReadOptions): Promise<LeaseReading> {
    return this.ask(() => this.options.log.readLease(resource, options));
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    const { health, patienceMs = patienceMsDefault, tryEveryMs = tryEveryMsDefault } = this.options;
    const since = health.missingSince('consensus');
    const nowMs = performance.now();
    if (since === undefined || since === this.disproved || nowMs - since <= patienceMs) return question();
    const waitMs = this.triedAtMs + tryEveryMs - nowMs;
    if (waitMs > 0) throw missing(nowMs - since, waitMs);
    this.triedAtMs = nowMs;
    try {
      const answer = await question();
      this.disproved = since;
      return answer;
    } catch (thrown) {
      if (!silent.has(NexusError.from(thrown).code)) this.disproved = since;
      throw thrown;
    }
  }
}

const missing = (missingMs: number, retryAfterMs: number) =>
  new NexusError(
    'unavailable',
    `no replica of the decision log is known to be alive, for ${Math.round(missingMs / 1_000)} s now`,
    { retryAfterMs: Math.ceil(retryAfterMs) },
  );
