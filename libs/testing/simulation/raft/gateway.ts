import { type MemberId } from '@nexus/core/raft';
import { type Command, type SessionStamp } from '@nexus/core/replicated-state';
import { type Coverage } from '../coverage.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Timeline } from '../timeline.js';
import { type Answer, type Ask, type Request } from './request.js';

const attemptsMax = 12;
const underWayMax = 6;

interface GatewayOptions {
  readonly clientId: string;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly attemptMs: number;
  /** Whom the replica takes for the leader. */
  readonly leader: () => MemberId | null;
  /** Carries a request to a member, and the answer back; either may be lost. */
  readonly forward: (to: MemberId, ask: Ask) => void;
  /** What the state machine of this replica has applied. */
  readonly appliedIndex: () => number;
  /** Runs a turn of the process; never, once that is over. */
  readonly inTurn: (run: () => void) => void;
}

interface Operation {
  readonly request: Request;
  readonly seq: number | null;
  readonly settled: (answer: Answer) => void;
  attempts: number;
  isSettled: boolean;
}

/** A client at a replica: it retries towards whoever leads, in a session, so that a retry applies once. */
export class Gateway {
  private sessions = 1;
  private lastSeq = 0;
  private openedAtIndex: number;
  private readonly underWay = new Set<Operation>();

  constructor(private readonly options: GatewayOptions) {
    this.openedAtIndex = options.appliedIndex();
  }

  get isBusy(): boolean {
    return this.underWay.size >= underWayMax;
  }

  propose(command: Command, settled: (answer: Answer) => void): void {
    this.lastSeq++;
    const seq = this.lastSeq;
    const session: SessionStamp = {
      clientId: `${this.options.clientId}.${this.sessions}`,
      seq,
      settledBelow: this.settledBelow(seq),
      openedAtIndex: this.openedAtIndex,
    };
    this.begin({ kind: 'propose', command, session }, seq, settled);
  }

  /** @param floor the latest entry that any answer was based on */
  read(key: string, floor: number, settled: (answer: Answer) => void): void {
    this.begin({ kind: 'read', key, floor }, null, settled);
  }

  private settledBelow(next: number): number {
    let below = next;
    for (const { seq } of this.underWay) if (seq !== null) below = Math.min(below, seq);
    return below;
  }

  private begin(request: Request, seq: number | null, settled: (answer: Answer) => void): void {
    const operation: Operation = { request, seq, settled, attempts: 0, isSettled: false };
    this.underWay.add(operation);
    this.attempt(operation);
  }

  private attempt(operation: Operation): void {
    if (operation.isSettled) return;
    const { timeline, random, attemptMs, inTurn, leader, forward, coverage } = this.options;
    operation.attempts++;
    if (operation.attempts > attemptsMax) {
      this.settle(operation, { kind: 'unknown' });
      return;
    }
    if (operation.attempts > 1) coverage.count('gateway: retries');
    const to = leader();
    const { attempts } = operation;
    if (to !== null)
      forward(to, {
        request: operation.request,
        reply: (answer) => this.answered(operation, attempts, answer),
      });
    timeline.after(attemptMs * random.between(0.6, 1.4), () => {
      if (!operation.isSettled && operation.attempts === attempts) inTurn(() => this.attempt(operation));
    });
  }

  private answered(operation: Operation, attempt: number, answer: Answer): void {
    if (operation.isSettled) return;
    if (answer.kind === 'unknown' || answer.kind === 'refused') {
      const { timeline, random, inTurn } = this.options;
      if (operation.attempts !== attempt) return;
      timeline.after(random.between(5, 30), () => {
        if (operation.attempts === attempt) inTurn(() => this.attempt(operation));
      });
      return;
    }
    this.settle(operation, answer);
    if (answer.kind === 'outcome' && answer.outcome.kind === 'refused') this.refused(answer.outcome.code);
  }

  private settle(operation: Operation, answer: Answer): void {
    operation.isSettled = true;
    this.underWay.delete(operation);
    operation.settled(answer);
  }

  /** A session that was forgotten is of no use any more. */
  private refused(code: string): void {
    if (code !== 'session_unknown') return;
    this.sessions++;
    this.lastSeq = 0;
    this.openedAtIndex = this.options.appliedIndex();
  }
}
