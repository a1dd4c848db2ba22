import { type ReplicaId } from '@nexus/contracts';
import { type ReplicaHost } from '../host/replica-host.js';
import { ClientSession } from './client-session.js';
import { type Ended, Errand } from './errand.js';
import { type ForwardLine } from './forward-line.js';
import { type LeaderDesk } from './leader-desk.js';
import { type Result, type Work } from './work.js';

/** How often what waits is looked at, in milliseconds; that a leader changed is acted on at once. */
const sweepEveryMs = 20;

export interface GatewayOptions {
  readonly host: ReplicaHost;
  readonly desk: LeaderDesk;
  readonly line: ForwardLine;
  /** How long a leader may leave a question unanswered before it is asked again, in milliseconds. */
  readonly attemptMs: number;
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
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: GatewayOptions) {
    const { host, desk, line } = options;
    host.watch({ standing: ({ leader }, before) => leader !== before.leader && this.leaderChanged() });
    line.listen({
      asked: (work, answer) => desk.serve(work, answer),
      answered: (attempt, result) => this.answered(attempt, result),
    });
  }

  /** Runs work to its end, or to the end of its time. */
  run(work: Work, timeoutMs: number): Promise<Ended> {
    return new Promise((resolve) => {
      const errand: Errand = new Errand(work, performance.now() + timeoutMs, (ended) => {
        this.end(errand);
        resolve(ended);
      });
      this.errands.add(errand);
      if (work.kind === 'propose') this.enrol(errand);
      this.dispatch(errand);
      this.timer ??= setInterval(() => this.sweep(), sweepEveryMs);
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.options.line.close();
  }

  private end(errand: Errand): void {
    this.errands.delete(errand);
    for (const attempt of errand.open) this.attempts.delete(attempt);
    errand.place?.session.settle(errand.place.seq);
    if (this.errands.size > 0 || this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
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
    errand.sent(attempt, leader, performance.now());
    if (leader === host.replicaId) desk.serve(work, (result) => this.answered(attempt, result));
    else if (!line.ask(leader, attempt, work))
      this.answered(attempt, { kind: 'refused', reason: 'not_leader' });
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
    } else if (isForgotten(result) && errand.attempts === 1) {
      // Sent once, and not applied: under a new session it may be sent again.
      errand.refused(attempt);
      this.enrol(errand, result.outcome.index);
      errand.attempts = 0;
    } else {
      errand.settle(result);
    }
  }

  private leaderChanged(): void {
    const { leader } = this.options.host;
    if (leader === null) return;
    for (const errand of [...this.errands]) if (this.mayDispatch(errand, leader)) this.dispatch(errand);
  }

  private mayDispatch(errand: Errand, leader: ReplicaId): boolean {
    if (errand.target === null) return true;
    return errand.repeatable && errand.target !== leader;
  }

  private sweep(): void {
    const nowMs = performance.now();
    const { leader } = this.options.host;
    for (const errand of [...this.errands]) {
      if (nowMs >= errand.deadlineMs) errand.settle({ kind: 'late', mayTakeEffect: errand.mayTakeEffect });
      else if (leader !== null && (this.mayDispatch(errand, leader) || this.isOverdue(errand, nowMs)))
        this.dispatch(errand);
    }
  }

  /** The question or its answer was lost on the way. */
  private isOverdue(errand: Errand, nowMs: number): boolean {
    return errand.repeatable && nowMs - errand.sentAtMs > this.options.attemptMs;
  }
}

function stamped({ work, place }: Errand): Work {
  if (work.kind !== 'propose' || place === undefined) return work;
  return { ...work, session: place.session.stamp(place.seq) };
}

const isForgotten = (result: Result): result is Extract<Result, { kind: 'applied' }> =>
  result.kind === 'applied' && result.outcome.kind === 'refused' && result.outcome.code === 'session_unknown';
