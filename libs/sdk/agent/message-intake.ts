import { type Msg } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import { type CausalInbox } from '../causal/causal-inbox.js';
import { type AnswerTags } from '../group/answer-tags.js';
import { type Telling } from '../group/group-line.js';
import { type AgentEvent, type AgentStats, type DropReason } from './agent-events.js';
import { type Answering } from './answering.js';
import { FencingGate } from './fencing-gate.js';
import { type RelayDesk } from '../relay/relay-desk.js';
import { type OperationRunner } from './operation-runner.js';
import { type Overrun, type Performer } from './performer.js';
import { type Letter, type ReadingFault, readLetter, type Source } from './reading.js';
import { type Recent, type RecentWorks } from './recent-works.js';
import { within } from './within.js';
import { type Outcome, Work } from './work.js';
import { WorkQueue, type WorkQueueBounds } from './work-queue.js';

export interface IntakeOptions {
  readonly bounds: WorkQueueBounds;
  readonly performer: Performer;
  readonly operations: OperationRunner;
  /** Takes the orders to pass something on. */
  readonly relays: RelayDesk;
  readonly answering: Answering;
  /** The tags of its registration. */
  readonly tags: () => AnswerTags;
  /** What agents of the connection were sent lately. */
  readonly recent: RecentWorks;
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

  /** Handlers that run, within their budget or beyond it, and operations and relays that wait for answers. */
  get active(): number {
    const { operations, relays, stats } = this.options;
    return this.queue.active + operations.waiting + relays.active + stats.stuck;
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
    const atMs = performance.now();
    const work = new Work(letter, atMs);
    if (letter.message.relay) {
      if (this.admitted) this.options.relays.take(letter);
      else this.dropUnregistered(work);
      return;
    }
    if (work.ordered) this.takeOrdered(work, undefined);
    else this.takeOnce(work, this.options.recent.under(letter.message, atMs));
  }

  /** Takes what a group was sent; whatever it holds, this does not throw. */
  receiveOfGroup({ source, reading, atMs, shared, recent, first }: Telling): void {
    this.options.stats.received += 1;
    const letter = this.readable(reading, source);
    if (!letter) return;
    // Others answer on the same subject: the tag tells who this one is.
    const replySubject = shared && this.options.tags().replySubject(shared.subject, shared.root);
    const work = new Work(letter, atMs, replySubject);
    if (work.ordered) this.takeOrdered(work, undefined);
    else if (first) this.take(work, recent);
    else this.takeOnce(work, recent);
  }

  /** Takes a message that was read already, and that comes once. */
  receiveRead(letter: Letter, replySubject: string | undefined): void {
    this.options.stats.received += 1;
    const work = new Work(letter, performance.now(), replySubject);
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
    if (letter.message.relayed) {
      this.receiveRelayed(peer, letter);
      return;
    }
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
    const { answering, operations, relays } = this.options;
    const error = new NexusError('unavailable', 'the agent left before the message had its turn');
    const refuseAll = (works: readonly Work[]) =>
      Promise.all(works.map(async (work) => answering.send(work, { ok: false, error })));
    // What waits for another message may wait for longer than the agent lives.
    await refuseAll(this.causal.close());
    // Its subtree is asked by Nexus: that is sooner than to wait until all have answered here.
    relays.stop();
    const idle = Promise.all([this.queue.whenIdle(), operations.whenIdle(), relays.whenIdle()]);
    if (await within(idle, withinMs)) return;
    await refuseAll([...this.queue.takeWaiting(), ...this.causal.reset()]);
    for (const work of this.running) work.abort(new Error('the agent is leaving'));
    operations.stop();
    await within(Promise.all([this.queue.whenIdle(), operations.whenIdle()]), abortGraceMs);
  }

  /** What another passes on is taken as from Nexus itself, when Nexus has shown that it is. */
  private receiveRelayed(relayId: string, letter: Letter): void {
    const { kind, coordinationId, relayed, causal, fencingToken } = letter.message;
    const work = new Work(letter);
    const { token = '' } = relayed ?? {};
    const proven = this.options.tags().provesRelaying(token, { relayId, kind, coordinationId });
    const plain =
      (kind === 'broadcast' || kind === 'gather') && causal === undefined && fencingToken === undefined;
    if (proven && plain) this.takeOnce(work, this.options.recent.under(letter.message, performance.now()));
    else this.refuse(work, new NexusError('forbidden', 'Nexus has not had this message relayed'));
  }

  private readable(reading: Letter | ReadingFault, source: Source): Letter | undefined {
    if (typeof reading !== 'string') return reading;
    const { stats } = this.options;
    if (reading === 'malformed') stats.malformed += 1;
    else stats.foreignReplySubject += 1;
    this.drop(reading, source);
    return undefined;
  }

  /** Takes what comes from Nexus, unless it has come another way before: that is answered with what came of it then. */
  private takeOnce(work: Work, recent: Recent | undefined): void {
    const before = recent?.of(this);
    if (!before) {
      this.take(work, recent);
      return;
    }
    this.options.stats.duplicates += 1;
    if (work.replySubject !== undefined) before.whenDone((outcome) => this.answer(work, outcome));
  }

  /** @param recent where to note that it was taken in */
  private take(work: Work, recent?: Recent): void {
    if (this.closing || this.jammed || this.queue.full || !this.fence.admits(work.message.fencingToken)) {
      this.turnAway(work);
      return;
    }
    work.owner = this;
    recent?.add(work);
    this.queue.admit(work);
    if (this.queue.waiting > 0) this.sweepLater();
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

  /** @returns what is under way; undefined when it is done */
  private run(work: Work): Promise<void> | undefined {
    const performing = this.begun(work);
    if (performing) return performing.finally(() => work.finish());
    work.finish();
    return undefined;
  }

  private begun(work: Work): Promise<void> | undefined {
    if (work.expired) {
      if (!work.ordered) {
        this.dropExpired(work);
        return undefined;
      }
      // Others come after it, and must not come before it: it is handled, though nobody waits for its answer.
      work.renew();
    }
    // While it waited, the lease may have passed to another.
    if ((this.jammed && !work.ordered) || !this.fence.admits(work.message.fencingToken)) {
      this.turnAway(work);
      return undefined;
    }
    const { operations, performer } = this.options;
    // The wait for others takes no place of a handler: two agents that wait for each other would have none left.
    if (operations.runs(work)) return operations.start(work);
    const performing = performer.perform(work);
    return performing && this.follow(work, performing);
  }

  private async follow(work: Work, performing: Promise<Overrun | undefined>): Promise<void> {
    this.running.add(work);
    try {
      const overrun = await performing;
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

  private dropUnregistered(work: Work): void {
    work.dropped = true;
    this.options.stats.notRegistered += 1;
    this.drop('not_registered', work.source);
  }

  private drop(reason: DropReason, { subject }: Source): void {
    this.options.report({ kind: 'message_dropped', reason, subject });
  }
}

/** How long an expired message may keep its place in the queue, in milliseconds. */
const sweepMs = 100;
/** Time for aborted handlers to end, in milliseconds. */
const abortGraceMs = 250;
