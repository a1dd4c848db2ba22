/*
 * The state that all replicas hold alike: a function of the log and of nothing else. Time is in the log too, stamped by
 * the leader, and each entry first ends what its stamp says has ended, so that all replicas agree on who held what when
 * a command was judged.
 */
import { assert, assertNever } from '@nexus/core/invariant';
import { type Change } from './change.js';
import { type Command, type ExpireCommand, type Fence, type Proposal } from './command.js';
import { commandDigest } from './command-digest.js';
import { Elections } from './elections.js';
import { FencingTokens } from './fencing-tokens.js';
import { type ImageNumbers, type StateImage } from './image.js';
import { Keys } from './keys.js';
import { Leases } from './leases.js';
import { type StateLimits, stateLimits } from './limits.js';
import { type Outcome, refused } from './outcome.js';
import { type ElectionReading, type KeyReading, type LeaseReading } from './reading.js';
import { RequestOutcomes } from './request-outcomes.js';
import { type SavedOutcome } from './saved-outcome.js';
import { Session } from './session.js';
import { Sessions } from './sessions.js';
import { type ImageRun, StateCapture, wholeTables } from './state-capture.js';
import { type Turn } from './turn.js';

/** Where an entry stands in the log. */
export interface Position {
  readonly index: number;
  readonly term: number;
}

/** What an entry did. */
export interface Applied {
  readonly outcome: Outcome;
  /** What its stamp ended, then what its command changed; in that order. */
  readonly changes: readonly Change[];
  /** The outcome is that of an earlier entry, and the command was not applied again. */
  readonly repeated: boolean;
}

export class ReplicatedState {
  private readonly tokens = new FencingTokens();
  private readonly keys: Keys;
  private readonly leases: Leases;
  private readonly elections: Elections;
  private readonly sessions: Sessions;
  private readonly requests: RequestOutcomes;
  private readonly bounds: StateLimits;
  private clock = 0;
  private applied = 0;

  /** The state before the first entry. */
  constructor(limits: Partial<StateLimits> = {}) {
    const bounds = { ...stateLimits, ...limits };
    this.bounds = bounds;
    this.keys = new Keys(bounds);
    this.leases = new Leases(bounds, this.tokens);
    this.elections = new Elections(bounds, this.tokens);
    this.sessions = new Sessions(bounds);
    this.requests = new RequestOutcomes(bounds);
  }

  /** The state that gave the image. */
  static restore(image: StateImage, limits: Partial<StateLimits> = {}): ReplicatedState {
    const steps = ReplicatedState.restoreInSteps(image, wholeTables(image), limits);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  }

  /**
   * The same, one run at each step: a large image takes long to restore, and other work goes on between two steps.
   * @param runs as `StateCapture.runs` gave them, in that order; each is asked for when the one before is taken in
   */
  static *restoreInSteps(
    numbers: ImageNumbers,
    runs: Iterable<ImageRun>,
    limits: Partial<StateLimits> = {},
  ): Generator<void, ReplicatedState> {
    assert(numbers.format === 1, 'the image of the state is of the format that this version knows');
    const state = new ReplicatedState(limits);
    state.applied = numbers.appliedIndex;
    state.clock = numbers.clockMs;
    state.tokens.restore(numbers.lastFencingToken);
    state.sessions.restoreForgotten(numbers.forgottenIndex);
    for (const run of runs) {
      state.takeIn(run);
      yield;
    }
    return state;
  }

  /** By the clock of the log, in milliseconds: the greatest stamp of all entries. */
  get clockMs(): number {
    return this.clock;
  }

  /**
   * When the next lease or candidacy ends, by the clock of the log; null when there is none. It stays behind the clock
   * while more is due than one entry clears.
   */
  get nextExpiryMs(): number | null {
    const lease = this.leases.nextExpiryMs;
    const candidacy = this.elections.nextExpiryMs;
    if (lease === null || candidacy === null) return lease ?? candidacy;
    return Math.min(lease, candidacy);
  }

  /** Of the last entry that was applied; entries that carry no proposal do not count. */
  get appliedIndex(): number {
    return this.applied;
  }

  key(key: string): KeyReading {
    return this.keys.reading(key);
  }

  lease(resource: string): LeaseReading {
    return this.leases.reading(resource, this.clock);
  }

  election(election: string): ElectionReading {
    return this.elections.reading(election, this.clock);
  }

  /**
   * Applies the next entry. What a command cannot have is an outcome, never an exception; a command of a type that this
   * version does not know is a defect, because to skip what other replicas apply would part from them silently.
   */
  apply({ index, term }: Position, { atMs, session: stamp, requestId, command }: Proposal): Applied {
    assert(index > this.applied, 'entries are applied in the order of the log, each once');
    this.applied = index;
    this.advance(atMs);
    const expiriesMax =
      command.type === 'expire' ? this.bounds.expiriesPerExpireMax : this.bounds.expiriesPerCommandMax;
    const turn: Turn = { index, term, nowMs: this.clock, expiriesMax, changes: [] };
    const { changes } = turn;
    this.expire(turn);

    const session = stamp === undefined ? undefined : this.sessions.enter(turn, stamp);
    if (session !== undefined && !(session instanceof Session))
      return { outcome: session, changes, repeated: false };
    const seq = stamp?.seq ?? 0;
    const retried = session?.recall(seq);
    if (retried !== undefined) return { outcome: retried.outcome, changes, repeated: true };

    const { saved, repeated } =
      requestId === undefined
        ? { saved: this.execute(turn, command), repeated: false }
        : this.executeOnce(turn, requestId, command);
    if (session !== undefined) this.sessions.save(session, seq, saved);
    return { outcome: saved.outcome, changes, repeated };
  }

  /** All of it, to be restored elsewhere. Later entries do not change it. */
  image(): StateImage {
    return this.capture().image();
  }

  /** The same, to be written in pieces: a large state takes long to write, and not to capture. */
  capture(): StateCapture {
    const numbers = {
      format: 1,
      appliedIndex: this.applied,
      clockMs: this.clock,
      lastFencingToken: this.tokens.last,
      forgottenIndex: this.sessions.forgottenIndex,
    };
    return new StateCapture(numbers, {
      keys: this.keys.image(),
      leases: this.leases.image(),
      elections: this.elections.image(),
      sessions: this.sessions.image(),
      requests: this.requests.image(),
    });
  }

  /** Kept outcomes come last, as they name keys instead of repeating what those are decided to be. */
  private takeIn(run: ImageRun): void {
    const decision = (key: string) => this.keys.decision(key);
    switch (run.table) {
      case 'keys':
        this.keys.restore(run.rows);
        break;
      case 'leases':
        this.leases.restore(run.rows);
        break;
      case 'elections':
        this.elections.restore(run.rows);
        break;
      case 'sessions':
        this.sessions.restore(run.rows, decision);
        break;
      case 'requests':
        this.requests.restore(run.rows, decision);
        break;
      default:
        assertNever(run);
    }
  }

  /** The clock never goes back, whatever a new leader believes, and takes only what can be counted with. */
  private advance(atMs: number): void {
    const stampMs = Math.floor(atMs);
    if (stampMs > this.clock && Number.isSafeInteger(stampMs)) this.clock = stampMs;
  }

  private expire(turn: Turn): void {
    this.leases.expire(turn);
    this.elections.expire(turn);
    this.sessions.expire(turn);
    this.requests.expire(turn);
  }

  /** Executes a command unless its request id is known. */
  private executeOnce(turn: Turn, requestId: string, command: Command | ExpireCommand) {
    const digest = commandDigest(command);
    const known = this.requests.recall(turn, requestId, digest);
    if (known !== undefined)
      return 'kind' in known
        ? { saved: { outcome: known, decidedKey: null }, repeated: false }
        : { saved: known, repeated: true };
    const saved = this.execute(turn, command);
    // What there was no room for may have room in a moment, and changed nothing: the caller asks again by the same id.
    if (saved.outcome.kind === 'done' || saved.outcome.code !== 'overloaded')
      this.requests.save({ requestId, savedAtMs: turn.nowMs, digest, saved });
    return { saved, repeated: false };
  }

  private execute(turn: Turn, command: Command | ExpireCommand): SavedOutcome {
    const outcome = this.outcomeOf(turn, command);
    const decided = command.type === 'decide' && outcome.kind === 'done';
    return { outcome, decidedKey: decided ? command.key : null };
  }

  private outcomeOf(turn: Turn, command: Command | ExpireCommand): Outcome {
    if ('fence' in command && command.fence !== undefined && !this.isHeld(turn, command.fence))
      return refused(turn, 'conflict', 'the lease is not held with that token', { path: 'command.fence' });
    switch (command.type) {
      case 'put':
        return this.keys.put(turn, command);
      case 'delete':
        return this.keys.delete(turn, command);
      case 'decide':
        return this.keys.decide(turn, command);
      case 'lease.acquire':
        return this.leases.acquire(turn, command);
      case 'lease.renew':
        return this.leases.renew(turn, command);
      case 'lease.release':
        return this.leases.release(turn, command);
      case 'campaign':
        return this.elections.campaign(turn, command);
      case 'resign':
        return this.elections.resign(turn, command);
      case 'expire':
        return { kind: 'done', index: turn.index, term: turn.term, version: 0 };
      default:
        return assertNever(command);
    }
  }

  /** Tokens are never given twice, so that a lease and an office of one name cannot be taken for each other. */
  private isHeld(turn: Turn, { resource, token }: Fence): boolean {
    return this.leases.isHeldWith(turn, resource, token) || this.elections.isHeldWith(turn, resource, token);
  }
}
