import { type ReplicaHost } from '../host/replica-host.js';
import { type Clock, systemClock } from '../replica/clock.js';
import { type Replica } from '../replica/replica.js';
import { ClientSession } from './client-session.js';
import { type Ended, Errand } from './errand.js';
import { type ForwardLine } from './forward-line.js';
import { type LeaderDesk } from './leader-desk.js';
import { type Result, type Work } from './work.js';

/** How often what waits is looked at, in milliseconds; that a leader changed is acted on at once. */
const sweepEveryMs = 20;

export interface GatewayOptions {
  readonly host: Pick<ReplicaHost, 'replicaId' | 'leader' | 'watch'> & {
    readonly replica: Pick<Replica, 'appliedIndex'> | undefined;
  };
  readonly desk: Pick<LeaderDesk, 'serve'>;
  readonly line: Pick<ForwardLine, 'listen' | 'ask' | 'close'>;
  /** How long a leader may leave a question unanswered before it is asked again, in milliseconds. */
  readonly attemptMs: number;
  readonly clock?: Clock;
}

/**
 * Takes requests for whoever leads. It finds the leader, tries again towards the next one within the request's time, and
 * numbers proposals as a client of the log does, so that trying again applies nothing twice. What it cannot end in time
 * it tells as what it is: certainly not begun, or unknown.
 */
export class Gateway {
  private readonly errands = new Set<Errand>();
  private readonly attempts = new Map<number, Errand>();
  private session: ClientSession | undefined;
  private lastAttempt = 0;
  private stopSweeping: (() => void) | undefined;
  private closed = false;
  private readonly clock: Clock;

  constructor(private readonly options: GatewayOptions) {
    const { host, desk, line, clock = systemClock } = options;
    this.clock = clock;
    host.watch({ standing: ({ leader }, before) => leader !== before.leader && this.leaderChanged() });
    line.listen({
      asked: (work, answer) => desk.serve(work, answer),
      answered: (attempt, result) => this.answered(attempt, result),
    });
  }

  /** Runs work to its end, or to the end of its time. */
  run(work: Work, timeoutMs: number): Promise<Ended> {
    if (this.closed) return Promise.resolve({ kind: 'refused', reason: 'stopped' });
    return new Promise((resolve) => {
      const errand: Errand = new Errand(work, this.clock.nowMs() + timeoutMs, (ended) => {
        this.end(errand);
        resolve(ended);
      });
      this.errands.add(errand);
      if (work.kind === 'propose') this.enrol(errand);
      this.stopSweeping ??= this.clock.every(sweepEveryMs, () => this.sweep());
      this.dispatch(errand);
    });
  }

  /** Takes nothing more, and tells whoever waits what is known by now. */
  close(): void {
    this.closed = true;
    this.options.line.close();
    for (const errand of [...this.errands]) errand.settle(late(errand));
  }

  private end(errand: Errand): void {
    this.errands.delete(errand);
    for (const attempt of errand.open) this.attempts.delete(attempt);
    errand.place?.session.settle(errand.place.seq);
    if (this.errands.size > 0) return;
    this.stopSweeping?.();
    this.stopSweeping = undefined;
  }

  /** Gives a proposal its number. */
  private enrol(errand: Errand, committedIndex = 0): void {
    if (this.session === undefined || this.session === errand.place?.session) {
      const applied = this.options.host.replica?.appliedIndex ?? 0;
      this.session = new ClientSession(Math.max(applied, committedIndex));
    }
    errand.place?.session.settle(errand.place.seq);
    errand.place = { session: this.session, seq: this.session.begin() };
  }

  private dispatch(errand: Errand): void {
    const { host, desk, line } = this.options;
    const leader = host.leader;
    if (leader === null) return;
    const attempt = ++this.lastAttempt;
    const work = stamped(errand);
    this.attempts.set(attempt, errand);
    errand.sent(attempt, leader, this.clock.nowMs());
    const answer = (result: Result) => this.answered(attempt, result);
    if (leader === host.replicaId) {
      desk.serve(work, answer);
      return;
    }
    const notSent = line.ask(leader, attempt, work);
    if (notSent !== undefined) answer(notSent);
  }

  private answered(attempt: number, result: Result): void {
    const errand = this.attempts.get(attempt);
    if (errand === undefined) return;
    this.attempts.delete(attempt);
    if (result.kind === 'refused') {
      errand.refused(attempt);
      // Elsewhere it may be different soon; these are final, unless an earlier attempt may still succeed.
      const isFinal = result.reason === 'overloaded' || result.reason === 'too_large';
      if (isFinal && !errand.mayTakeEffect) errand.settle(result);
    } else if (result.kind === 'unknown') {
      errand.abandoned(attempt);
      // Nobody will know more, and to ask again could do it twice.
      if (!errand.repeatable) errand.settle(result);
    } else if (isForgotten(result)) {
      errand.refused(attempt);
      // Under a new session it may be sent again, unless an attempt under the old one may have been applied.
      if (errand.mayTakeEffect) errand.settle(result);
      else this.enrol(errand, result.outcome.index);
    } else {
      errand.settle(result);
    }
  }

  private leaderChanged(): void {
    const { leader } = this.options.host;
    if (leader === null) return;
    for (const errand of [...this.errands]) if (errand.maySend(leader)) this.dispatch(errand);
  }

  private sweep(): void {
    const nowMs = this.clock.nowMs();
    const { leader } = this.options.host;
    for (const errand of [...this.errands]) {
      if (nowMs >= errand.deadlineMs) errand.settle(late(errand));
      else if (leader !== null && (errand.maySend(leader) || this.isOverdue(errand, nowMs)))
        this.dispatch(errand);
    }
  }

  /** The question or its answer was lost on the way. */
  private isOverdue(errand: Errand, nowMs: number): boolean {
    return errand.repeatable && nowMs - errand.sentAtMs > this.options.attemptMs;
  }
}

const late = ({ mayTakeEffect }: Errand): Ended => ({ kind: 'late', mayTakeEffect });

function stamped({ work, place }: Errand): Work {
  if (work.kind !== 'propose' || place === undefined) return work;
  return { ...work, session: place.session.stamp(place.seq) };
}

const isForgotten = (result: Result): result is Extract<Result, { kind: 'applied' }> =>
  result.kind === 'applied' && result.outcome.kind === 'refused' && result.outcome.code === 'session_unknown';
