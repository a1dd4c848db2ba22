import { type Msg } from '@nats-io/transport-node';
import { agentMessageSchema, NexusError, parse } from '@nexus/contracts';
import { contentTypeHeader, decodeBody, encodingOf, forwardedDepthMax, isReplySubject } from '@nexus/wire';
import { type AgentEvent, type AgentStats, type DropReason } from './agent-events.js';
import { type Answering } from './answering.js';
import { FencingGate } from './fencing-gate.js';
import { type Overrun, type Performer } from './performer.js';
import { within } from './within.js';
import { Work } from './work.js';
import { WorkQueue, type WorkQueueBounds } from './work-queue.js';

export interface IntakeOptions {
  readonly bounds: WorkQueueBounds;
  readonly performer: Performer;
  readonly answering: Answering;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** The broker bounds a message far below this. */
const messageLimits = { bytesMax: 64 * 1024 * 1024, depthMax: forwardedDepthMax };

/** Takes messages in: guards, queues, and turns away what there is no room for. */
export class MessageIntake {
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
  }

  /** Handlers that run, within their budget or beyond it. */
  get active(): number {
    return this.queue.active + this.options.stats.stuck;
  }

  get waiting(): number {
    return this.queue.waiting;
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
    for (const work of this.queue.takeWaiting()) this.dropUnregistered(work);
  }

  /** Takes one message; whatever it holds, this does not throw. */
  receive(source: Msg): void {
    this.options.stats.received += 1;
    const work = this.read(source);
    if (!work) return;
    const outdated = !this.fence.admits(work.message.fencingToken);
    if (outdated || this.closing || this.jammed || !this.queue.offer(work)) this.turnAway(work);
    else if (this.queue.waiting > 0) this.sweepLater();
  }

  /** Takes no more; waits for what was taken, then aborts it. */
  async drain(withinMs: number): Promise<void> {
    this.closing = true;
    if (!this.admitted) this.turnOut();
    clearTimeout(this.sweeping);
    if (await within(this.queue.whenIdle(), withinMs)) return;
    const outcome = refusal('unavailable', 'the agent left before the message had its turn');
    await Promise.all(this.queue.takeWaiting().map((work) => this.options.answering.send(work, outcome)));
    for (const work of this.running) work.abort(new Error('the agent is leaving'));
    await within(this.queue.whenIdle(), abortGraceMs);
  }

  private read(source: Msg): Work | undefined {
    const { stats } = this.options;
    const replySubject = source.reply === '' ? undefined : source.reply;
    if (replySubject !== undefined && !isReplySubject(replySubject)) {
      stats.foreignReplySubject += 1;
      this.drop('foreign_reply_subject', source);
      return undefined;
    }
    try {
      const encoding = encodingOf(source.headers?.get(contentTypeHeader));
      const body = decodeBody(source.data, encoding, messageLimits);
      return new Work(parse(agentMessageSchema, body, 'message'), source, encoding, replySubject);
    } catch {
      stats.malformed += 1;
      this.drop('malformed', source);
      return undefined;
    }
  }

  private turnAway(work: Work): void {
    const { stats, answering } = this.options;
    if (!this.admitted) {
      // Another may be the one that it is for: a refusal of ours must not come before its answer.
      this.dropUnregistered(work);
    } else if (!this.fence.admits(work.message.fencingToken)) {
      stats.outdated += 1;
      void answering.send(work, refusal('conflict', 'the sender has lost its lease on this agent'));
    } else if (this.closing) {
      void answering.send(work, refusal('unavailable', 'the agent is leaving'));
    } else {
      stats.overloaded += 1;
      const why = this.jammed ? 'too many handlers have outlasted their budget' : 'the queue is full';
      void answering.send(work, refusal('overloaded', why));
    }
  }

  private async run(work: Work): Promise<void> {
    if (work.expired) {
      this.dropExpired(work);
      return;
    }
    // While it waited, the lease may have passed to another.
    if (this.jammed || !this.fence.admits(work.message.fencingToken)) {
      this.turnAway(work);
      return;
    }
    this.running.add(work);
    try {
      const overrun = await this.options.performer.perform(work);
      if (overrun && !(await within(overrun.handlerEnd, abortGraceMs))) this.countStuck(overrun);
    } finally {
      this.running.delete(work);
      work.finish();
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
      for (const work of this.queue.takeWaiting(({ expired }) => expired)) this.dropExpired(work);
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

  private drop(reason: DropReason, { subject }: Msg): void {
    this.options.report({ kind: 'message_dropped', reason, subject });
  }
}

/** How long an expired message may keep its place in the queue, in milliseconds. */
const sweepMs = 100;
/** Time for aborted handlers to end, in milliseconds. */
const abortGraceMs = 250;

const refusal = (code: 'conflict' | 'unavailable' | 'overloaded', message: string) =>
  ({ ok: false, error: new NexusError(code, message) }) as const;
