import { type Msg } from '@nats-io/transport-node';
import { agentMessageSchema, NexusError, parse } from '@nexus/contracts';
import { contentTypeHeader, decodeBody, encodingOf, forwardedDepthMax, isReplySubject } from '@nexus/wire';
import { type AgentEvent, type AgentStats, type DropReason } from './agent-events.js';
import { type Answering } from './answering.js';
import { type Performer } from './performer.js';
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
  private closing = false;
  private admitted = false;

  /** Holds what comes until it is admitted. */
  constructor(private readonly options: IntakeOptions) {
    this.queue = new WorkQueue(options.bounds, (work) => this.run(work));
    this.queue.hold();
  }

  get active(): number {
    return this.queue.active;
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
    if (work && (this.closing || !this.queue.offer(work))) this.turnAway(work);
  }

  /** Takes no more; waits for what was taken, then aborts it. */
  async drain(withinMs: number): Promise<void> {
    this.closing = true;
    if (!this.admitted) this.turnOut();
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
    } else if (this.closing) {
      void answering.send(work, refusal('unavailable', 'the agent is leaving'));
    } else {
      stats.overloaded += 1;
      void answering.send(work, refusal('overloaded', 'the queue of the agent is full'));
    }
  }

  private async run(work: Work): Promise<void> {
    if (work.expired) {
      // Whoever asked has given up: working on it would only delay those who still wait.
      this.options.stats.expired += 1;
      this.drop('expired', work.source);
      return;
    }
    this.running.add(work);
    try {
      await this.options.performer.perform(work);
    } finally {
      this.running.delete(work);
      work.finish();
    }
  }

  private dropUnregistered({ source }: Work): void {
    this.options.stats.notRegistered += 1;
    this.drop('not_registered', source);
  }

  private drop(reason: DropReason, { subject }: Msg): void {
    this.options.report({ kind: 'message_dropped', reason, subject });
  }
}

/** Time for aborted handlers to answer, in milliseconds. */
const abortGraceMs = 250;

const refusal = (code: 'unavailable' | 'overloaded', message: string) =>
  ({ ok: false, error: new NexusError(code, message) }) as const;

/** Whether the work ended in time. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
