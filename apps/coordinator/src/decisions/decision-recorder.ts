import { type ErrorCode, type KeyReading, NexusError, type ProposeReply } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type Deadline } from '../coordination/deadline.js';
import { type GoalOf } from '../ladder/layer.js';
import { type DecisionLog, proposalMsMax } from './decision-log.js';
import { stableId } from './stable-id.js';

type Consensus = Coordination<GoalOf<'consensus'>>;
type Place = Pick<ProposeReply, 'index' | 'term' | 'version'>;

/** A decision as it stands in the log. */
export interface Recorded {
  /** What was decided: on a repeat, what the first run had decided. */
  readonly value: unknown;
  readonly decision: { readonly index: number; readonly term: number; readonly version: number };
}

/** A log that does not answer within this time does not serve a vote, in milliseconds. */
const readMsMax = 2_000;
/** Longest that a vote ends ahead of the deadline, in milliseconds. */
const reserveMsMax = 2_000;
/** Nothing has this version, so a put that expects it is never carried out. */
const impossibleVersion = Number.MAX_SAFE_INTEGER;

/**
 * The time by which agents have to vote. A vote that waited for the silent until the very end would leave none to
 * record what the others have decided.
 */
export function votingDeadline({ goal, deadline }: Consensus): Deadline {
  if (!goal.commit) return deadline;
  return deadline.before(Math.min(reserveMsMax, goal.timeoutMs / 4));
}

/**
 * Records what a fleet has decided. A decision is in the log or it is none: what goes wrong here is the answer, and
 * nothing weaker takes its place.
 */
export class DecisionRecorder {
  constructor(private readonly log: DecisionLog) {}

  /**
   * What stands under the key before anybody is asked; it also shows that the log is there.
   * @throws NexusError `unavailable` or `not_leader` when the log cannot be asked
   */
  async standing({ goal, deadline }: Consensus): Promise<KeyReading> {
    const timeoutMs = Math.max(1, Math.min(readMsMax, deadline.remainingMs / 2));
    return this.log.read(goal.proposal.key, { timeoutMs }).catch(rethrowTyped);
  }

  /**
   * Records a decision over what stood when the vote began.
   * @throws NexusError `conflict` when something else was recorded since; `unavailable` or `not_leader` when nothing
   * was recorded; `unknown` when it may have been: the repeat of the request will tell
   */
  async record(coordination: Consensus, standing: KeyReading, value: unknown): Promise<Recorded> {
    const { key, version: expectedVersion } = standing;
    try {
      const reply = await this.propose(coordination, { key, expectedVersion, value });
      if (!coordination.repeated && reply.version > standing.version)
        return { value, decision: placeOf(reply) };
      return await this.recordedEarlier(coordination, reply);
    } catch (thrown) {
      const error = NexusError.from(thrown);
      const first = firstUnderId(error);
      if (first !== undefined) return this.recordedEarlier(coordination, first);
      throw error.code === 'conflict' ? await this.lost(coordination, error) : error;
    }
  }

  /**
   * For a vote that decided nothing. When this is the repeat of a run of which nobody knows what it came to, the log is
   * asked, in a way that also keeps that run from recording anything later; else nothing is proposed.
   * @returns what the first run had recorded
   */
  async recordedBefore(coordination: Consensus): Promise<Recorded | undefined> {
    if (!coordination.repeated) return undefined;
    const { key } = coordination.goal.proposal;
    try {
      await this.propose(coordination, { key, expectedVersion: impossibleVersion, value: null });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code !== 'conflict') throw error;
      const first = firstUnderId(error);
      return first && this.recordedEarlier(coordination, first);
    }
    throw new NexusError('internal', 'a version that nothing has was found');
  }

  /** The outcome may be that of an earlier run under the same id: then its value stands in the log, not here. */
  private async recordedEarlier(coordination: Consensus, reply: Place): Promise<Recorded> {
    const { key, version, value } = await this.standing(coordination);
    if (version === reply.version) return { value, decision: placeOf(reply) };
    const message = `what this request had decided, version ${reply.version}, is replaced by version ${version}`;
    throw new NexusError('conflict', message, { details: [{ path: 'goal.proposal.key', message: key }] });
  }

  private async propose(
    { id, user, requestId, deadline }: Consensus,
    put: { readonly key: string; readonly expectedVersion: number; readonly value: unknown },
  ): Promise<ProposeReply> {
    const timeoutMs = Math.min(proposalMsMax, deadline.remainingMs);
    if (timeoutMs === 0) {
      throw new NexusError('unavailable', 'the vote left no time to record it: nothing was proposed');
    }
    const options = { requestId: requestId === undefined ? id : stableId(user, requestId), timeoutMs };
    return this.log.propose({ type: 'put', ...put }, options).catch(rethrowTyped);
  }

  /** Tells the loser what stands now, as far as that can be found out. */
  private async lost(coordination: Consensus, cause: NexusError): Promise<NexusError> {
    const stands = await this.standing(coordination).catch(() => undefined);
    if (stands === undefined) return cause;
    const { key, version, value } = stands;
    const now = `stands at version ${version}: ${JSON.stringify(value).slice(0, valueCharsMax)}`;
    return new NexusError('conflict', `${key} was changed during the vote; it ${now}`, {
      details: [{ path: 'goal.proposal.key', message: now }],
      cause,
    });
  }
}

/** Longer values are cut in the message that tells of them. */
const valueCharsMax = 256;

const placeOf = ({ index, term, version }: Place) => ({ index, term, version });

/**
 * An earlier run came to another decision under the same id, and the log refuses this one: where that stands.
 * @returns undefined when nothing was done under the id
 */
function firstUnderId({ details }: NexusError): Place | undefined {
  const said = new Map(details.map(({ path, message }) => [path, Number(message)]));
  const [index, term, version] = [
    said.get('requestId.index'),
    said.get('requestId.term'),
    said.get('requestId.version'),
  ];
  if (index === undefined || term === undefined || version === undefined) return undefined;
  return { index, term, version };
}

/** A log that has no room for a proposal is one that cannot be had, as far as a decision goes. */
function rethrowTyped(thrown: unknown): never {
  const error = NexusError.from(thrown);
  const { code, message, retryAfterMs } = error;
  if (!unavailability.has(code)) throw error;
  throw new NexusError('unavailable', message, { retryAfterMs, cause: error });
}

const unavailability: ReadonlySet<ErrorCode> = new Set(['overloaded', 'deadline_exceeded']);
