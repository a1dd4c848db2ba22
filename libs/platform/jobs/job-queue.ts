import { Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { type Job, type JobsOptions, Queue, Worker } from 'bullmq';
import { RedisKeys } from '@nexus/platform/redis';
import { JobConnection } from './job-connection.js';
import { deadlineOf, settledWithin } from './job-deadline.js';
import { quietTelemetry } from './quiet-telemetry.js';

export interface JobQueueOptions {
  /** `redis://` or `rediss://`, with credentials and database as usual. */
  readonly url: string;
  /** The deployment's prefix: all keys lie below `{<prefix>}:jobs:`. */
  readonly prefix: string;
  /** The queue: an id. */
  readonly queue: string;
  /** Shown by Redis in its client list. */
  readonly name: string;
  /** How long one attempt at a job may take, in milliseconds. */
  readonly jobTimeoutMs: number;
  /** How long jobs under way may take to end when the queue is closed, in milliseconds. Default 5000. */
  readonly closeTimeoutMs?: number;
  /** Without a sign from its worker for so long a job is given to another one, in milliseconds. Default 10000. */
  readonly lockMs?: number;
  /** Attempts at a job before it counts as failed. Default 5. */
  readonly attempts?: number;
}

/** One attempt at a job. */
export interface JobRun {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborted when its time is over, or the process ends. */
  readonly signal: AbortSignal;
}

/** Does a job. It may be done again after a worker died in the middle of it, so its effects must be those of once. */
export type ProcessJob = (run: JobRun) => Promise<void>;

export interface AddedJob {
  readonly jobId: string;
}

/** How a job is repeated, as it is planned in Redis. */
export interface JobPlan {
  readonly everyMs: number | undefined;
  /** When it is due next, in milliseconds since 1970. */
  readonly nextMs: number | undefined;
}

const commandTimeoutMs = 5_000;
const goodbyeMs = 500;
const backoffMsMin = 250;
const backoffMsMax = 30_000;
/** Deaths of workers that one job may survive. */
const stallsMax = 3;
const keptCompleted = { count: 50 };
const keptFailed = { count: 200 };
const eventsMax = 1_000;

/**
 * Jobs in Redis by BullMQ, shared by all replicas of a service: each is done by one of them, and by another one when that
 * dies. An outage of Redis ends nothing: jobs go on when it is back.
 */
export class JobQueue {
  private readonly logger: Logger;
  private readonly connection: JobConnection;
  private readonly queue: Queue;
  private readonly ending = new AbortController();
  private worker: Worker | undefined;
  private lastTrouble = '';
  private closing: Promise<void> | undefined;

  private constructor(private readonly options: JobQueueOptions) {
    this.logger = new Logger(`JobQueue ${options.queue}`);
    this.connection = new JobConnection(options.url, options.name);
    this.queue = new Queue(options.queue, {
      ...this.bullOptions(),
      streams: { events: { maxLen: eventsMax } },
      defaultJobOptions: this.jobOptions,
    });
    this.queue.on('error', (error) => this.report(error));
  }

  /** Returns at once: a service must come up while Redis is down. */
  static open(options: JobQueueOptions): JobQueue {
    return new JobQueue(options);
  }

  /**
   * Adds a job, unless one that was added so under this name is waiting or under way already. One that is repeated under
   * it does not count: two replicas may do both at the same moment, which what they do must bear.
   * @returns the id of the job that will do it
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async addOnce(name: string, data: object = {}): Promise<AddedJob> {
    const job = await this.answered(() => this.queue.add(name, data, { deduplication: { id: name } }));
    return { jobId: String(job.id) };
  }

  /**
   * Has a job done every `everyMs`, by one of the replicas; what was planned under the name before is replaced. Each run
   * is a trace of its own: otherwise each would continue that of the one before, without an end.
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async repeat(name: string, everyMs: number): Promise<void> {
    await this.answered(() =>
      this.queue.upsertJobScheduler(
        name,
        { every: everyMs },
        { name, data: {}, opts: { ...this.jobOptions, telemetry: { omitContext: true } } },
      ),
    );
  }

  /**
   * How the job that is repeated under a name is planned; undefined when it is not.
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async planOf(name: string): Promise<JobPlan | undefined> {
    const plan = await this.answered(() => this.queue.getJobScheduler(name));
    return plan && { everyMs: plan.every, nextMs: plan.next };
  }

  /** Begins to work on jobs, one at a time. */
  work(process: ProcessJob): void {
    const { queue, lockMs = 10_000 } = this.options;
    this.worker = new Worker(queue, (job) => this.attempt(job, process), {
      ...this.bullOptions(),
      concurrency: 1,
      lockDuration: lockMs,
      stalledInterval: Math.ceil(lockMs / 2),
      maxStalledCount: stallsMax,
      settings: { backoffStrategy: backoffMs },
    });
    this.worker.on('error', (error) => this.report(error));
    this.worker.on('failed', (job, error) => this.reportFailure(job, error));
    this.worker.on('completed', () => {
      this.lastTrouble = '';
    });
  }

  /** Takes no more jobs, lets the one under way end, as far as that works in time, and disconnects. */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  /** Before the connections that jobs use are closed. */
  beforeApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async closeNow(): Promise<void> {
    const { closeTimeoutMs = 5_000 } = this.options;
    // Without Redis nothing can be finished, and to say goodbye would wait for it.
    const isThere = await this.connection.answers(goodbyeMs);
    const ended = await settledWithin(this.worker?.close(!isThere), closeTimeoutMs);
    this.ending.abort(new NexusError('unavailable', 'the process ends'));
    if (!ended) this.connection.cut();
    await settledWithin(this.queue.close(), goodbyeMs);
    this.connection.cut();
  }

  private async attempt(job: Job, process: ProcessJob): Promise<void> {
    const { jobTimeoutMs } = this.options;
    const deadline = deadlineOf(job.name, jobTimeoutMs, this.ending.signal);
    const run = { id: String(job.id), name: job.name, data: job.data as unknown, signal: deadline.signal };
    try {
      await Promise.race([process({ ...run, attempt: job.attemptsMade + 1 }), deadline.over]);
    } finally {
      deadline.clear();
    }
  }

  /** A command that is refused at once while Redis is away, and given up when no answer comes. */
  private async answered<T>(command: () => Promise<T>): Promise<T> {
    if (!this.connection.isUp) throw away();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(away()), commandTimeoutMs);
    });
    try {
      return await Promise.race([command(), late]);
    } catch (error) {
      throw error instanceof NexusError ? error : away(error);
    } finally {
      clearTimeout(timer);
    }
  }

  private get jobOptions(): JobsOptions {
    return {
      attempts: this.options.attempts ?? 5,
      backoff: { type: 'capped' },
      removeOnComplete: keptCompleted,
      removeOnFail: keptFailed,
    };
  }

  private bullOptions() {
    return {
      connection: this.connection.redis,
      prefix: `${new RedisKeys(this.options.prefix).root}jobs`,
      telemetry: quietTelemetry('nexus'),
    };
  }

  private reportFailure(job: Job | undefined, error: Error): void {
    const attempt = job === undefined ? '' : ` at attempt ${job.attemptsMade}`;
    this.logger.warn(`${job?.name ?? 'a job'} failed${attempt}: ${error.message}`);
  }

  /** Of an outage everybody who asks is told; the same trouble is logged once, until a job is done again. */
  private report(error: Error): void {
    if (!this.connection.isUp || this.closing !== undefined || error.message === this.lastTrouble) return;
    this.lastTrouble = error.message;
    this.logger.warn(error.message);
  }
}

const away = (cause?: unknown): NexusError =>
  new NexusError('unavailable', 'Redis, which holds the jobs, does not answer', {
    cause,
    retryAfterMs: 1_000,
  });

/** Full jitter below a doubling cap. */
function backoffMs(attemptsMade: number): number {
  const cap = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(attemptsMade, 10));
  return Math.ceil(backoffMsMin + Math.random() * (cap - backoffMsMin));
}
