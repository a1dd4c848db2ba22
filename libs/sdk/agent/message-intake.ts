import { type Msg } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import { type CausalInbox } from '../causal/causal-inbox.js';
import { type AgentEvent, type AgentStats, type DropReason } from './agent-events.js';
import { type Answering } from './answering.js';
import { FencingGate } from './fencing-gate.js';
import { type OperationRunner } from './operation-runner.js';
import { type Overrun, type Performer } from './performer.js';
import { type Letter, type ReadingFault, readLetter, type Source } from './reading.js';
import { within } from './within.js';
import { type Outcome, Work } from './work.js';
import { WorkQueue, type WorkQueueBounds } from './work-queue.js';

export interface IntakeOptions {
  readonly bounds: WorkQueueBounds;
  readonly performer: Performer;
  readonly operations: OperationRunner;
  readonly answering: Answering;
  /** Puts messages of causal operations in their order. */
  readonly causal: CausalInbox;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** Takes messages in: guards, queues, and turns away what there is no room for. */
export class MessageIntake {
  private readonly causal: CausalInbox;
  private readonly queue: WorkQueue<Work>;
  private readonly running = new Set<Work>();
  private readonly fence = new FencingGate();
  private closing = false;
  private admitted = false;
  private sweeping: NodeJS.Timeout | undefined;

  /** Holds what comes until it is admitted. */
  constructor(private readonly options: IntakeOptions) {
    this.queue = new WorkQueue(options.bounds, (work) => this.run(work));
    this.queue.hold();
    this.causal = options.causal;
  }

  /** Handlers that run, within their budget or beyond it, and operations that wait for answers. */
  get active(): number {
    return this.queue.active + this.options.operations.waiting + this.options.stats.stuck;
  }

  get waiting(): number {
    return this.queue.waiting + this.causal.waiting;
  }

  /** Whether messages are worked on. */
  get open(): boolean {
    return this.admitted;
  }

  /** Works on what was held, and on what comes. */
  admit(): void {
    this.admitted = true;
    this.queue.release();
  }

  /** Drops what was not started, and holds what comes until it is admitted. */
  turnOut(): void {
    this.admitted = false;
    this.queue.hold();
    for (const work of [...this.queue.takeWaiting(), ...this.causal.reset()]) this.dropUnregistered(work);
  }

  /** Takes one message; whatever it holds, this does not throw. */
  receive(source: Msg): void {
    this.options.stats.received += 1;
    const letter = this.readable(readLetter(source), source);
    if (!letter) return;
    const work = new Work(letter);
    if (work.ordered) this.takeOrdered(work, undefined);
    else this.take(work);
  }

  /**
   * Takes one message of another agent; whatever it holds, this does not throw.
   * @param peer who sent it, as the subject tells; what the body says of that is not believed
   * @param reading what was read, for all who are told the same
   */
  receiveFrom(peer: string, source: Msg, reading: Letter | ReadingFault = readLetter(source)): void {
    this.options.stats.received += 1;
    const letter = this.readable(reading, source);
    if (!letter) return;
    const work = new Work({ ...letter, message: { ...letter.message, from: peer } });
    if (letter.message.kind !== 'broadcast') {
      this.refuse(work, new NexusError('forbidden', 'agents send each other broadcasts, and give no orders'));
    } else if (work.ordered) this.takeOrdered(work, peer);
    else this.take(work);
  }

  /** Takes work of a causal operation whose turn has come: room was kept for it. */
  begin(work: Work): void {
    this.queue.admit(work);
  }

  /** Answers work that is not handled, or not again. */
  answer(work: Work, outcome: Outcome): void {
    // Another may be the one that it is for: a refusal of ours must not come before its answer.
    if (!this.admitted) this.dropUnregistered(work);
    else void this.options.answering.send(work, outcome);
  }

  /** Takes no more; waits for what was taken, then aborts it. */
  async drain(withinMs: number): Promise<void> {
    this.closing = true;
    if (!this.admitted) this.turnOut();
    clearTimeout(this.sweeping);
    const { answering, operations } = this.options;
    const error = new NexusError('unavailable', 'the agent left before the message had its turn');
    const refuseAll = (works: readonly Work[]) =>
      Promise.all(works.map((work) => answering.send(work, { ok: false, error })));
    // What waits for another message may wait for longer than the agent lives.
    await refuseAll(this.causal.close());
    const idle = Promise.all([this.queue.whenIdle(), operations.whenIdle()]);
    if (await within(idle, withinMs)) return;
    await refuseAll([...this.queue.takeWaiting(), ...this.causal.reset()]);
    for (const work of this.running) work.abort(new Error('the agent is leaving'));
    operations.stop();
    await within(Promise.all([this.queue.whenIdle(), operations.whenIdle()]), abortGraceMs);
  }

  private readable(reading: Letter | ReadingFault, source: Source): Letter | undefined {
    if (typeof reading !== 'string') return reading;
    const { stats } = this.options;
    if (reading === 'malformed') stats.malformed += 1;
    else stats.foreignReplySubject += 1;
    this.drop(reading, source);
    return undefined;
  }

  private take(work: Work): void {
    const outdated = !this.fence.admits(work.message.fencingToken);
    if (outdated || this.closing || this.jammed || !this.queue.offer(work)) this.turnAway(work);
    else if (this.queue.waiting > 0) this.sweepLater();
  }

  /**
   * Only what is kept counts as delivered: what there is no time or room for is turned away before, and made up for by
   * a repair. One with an outdated token has its turn all the same, to be refused in it: it is never to come again.
   */
  private takeOrdered(work: Work, peer: string | undefined): void {
    this.fence.admits(work.message.fencingToken);
    if (this.closing || this.jammed || this.causal.full) this.turnAway(work);
    else this.causal.take(work, peer);
  }

  private turnAway(work: Work): void {
    const { stats } = this.options;
    if (!this.admitted) this.dropUnregistered(work);
    else if (!this.fence.admits(work.message.fencingToken)) {
      stats.outdated += 1;
      this.refuse(work, new NexusError('conflict', 'the sender has lost its lease on this agent'));
    } else if (this.closing) {
      this.refuse(work, new NexusError('unavailable', 'the agent is leaving'));
    } else {
      stats.overloaded += 1;
      const why = this.jammed ? 'too many handlers have outlasted their budget' : 'the queue is full';
      this.refuse(work, new NexusError('overloaded', why));
    }
  }

  private refuse(work: Work, error: NexusError): void {
    this.answer(work, { ok: false, error });
  }

  private async run(work: Work): Promise<void> {
    try {
      if (work.expired && !work.ordered) {
        this.dropExpired(work);
        return;
      }
      // Others come after it, and must not come before it: it is handled, though nobody waits for its answer.
      if (work.expired) work.renew();
      // While it waited, the lease may have passed to another.
      if ((this.jammed && !work.ordered) || !this.fence.admits(work.message.fencingToken))
        this.turnAway(work);
      else await this.perform(work);
    } finally {
      work.finish();
    }
  }

  private async perform(work: Work): Promise<void> {
    const { operations, performer } = this.options;
    if (operations.runs(work)) {
      // The wait for others takes no place of a handler: two agents that wait for each other would have none left.
      await operations.start(work);
      return;
    }
    this.running.add(work);
    try {
      const overrun = await performer.perform(work);
      if (overrun && !(await within(overrun.handlerEnd, abortGraceMs))) this.countStuck(overrun);
    } finally {
      this.running.delete(work);
    }
  }

  /** As many handlers are stuck as may run at once: more would only get stuck too. */
  private get jammed(): boolean {
    return this.options.stats.stuck >= this.options.bounds.activeMax;
  }

  /** Its turn is over, so that others are not held up; but it still counts. */
  private countStuck({ handlerEnd }: Overrun): void {
    const { stats } = this.options;
    stats.stuck += 1;
    void handlerEnd.then(() => (stats.stuck -= 1));
  }

  /** Drops what has expired, again and again while something waits. */
  private sweepLater(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = undefined;
      const expired = this.queue.takeWaiting((work) => work.expired && !work.ordered);
      for (const work of expired) this.dropExpired(work);
      if (this.queue.waiting > 0) this.sweepLater();
    }, sweepMs).unref();
  }

  /** Whoever asked has given up: working on it would only delay those who still wait. */
  private dropExpired({ source }: Work): void {
    this.options.stats.expired += 1;
    this.drop('expired', source);
  }

  private dropUnregistered({ source }: Work): void {
    this.options.stats.notRegistered += 1;
    this.drop('not_registered', source);
  }

  private drop(reason: DropReason, { subject }: Source): void {
    this.options.report({ kind: 'message_dropped', reason, subject });
  }
}

/** How long an expired message may keep its place in the queue, in milliseconds. */
const sweepMs = 100;
/** Time for aborted handlers to end, in milliseconds. */
const abortGraceMs = 250;
