import { randomBytes } from 'node:crypto';
import {
  endpoints,
  type ErrorCode,
  type HeartbeatRequest,
  NexusError,
  type RegisterReply,
  type registerRequestSchema,
} from '@nexus/contracts';
import { type Caller, tokenHashOf } from '@nexus/wire';
import { backoffMs } from '../connection/backoff.js';
import { AnswerTags } from '../group/answer-tags.js';
import { type AgentEvent, type AgentStats } from './agent-events.js';
import { type Mailbox } from './mailbox.js';
import { within } from './within.js';

/** How the agent introduces itself, before defaults. */
export type Introduction = Omit<(typeof registerRequestSchema)['_zod']['input'], 'token'>;

export interface MembershipOptions {
  readonly agentId: string;
  readonly introduction: Introduction;
  readonly caller: Caller;
  readonly mailbox: Mailbox;
  /** What the next heartbeat says. */
  readonly load: () => Omit<HeartbeatRequest, 'token'>;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** Time that routing has for one reply, in milliseconds. */
const replyTimeoutMs = 2_000;
const registerBackoff = { baseMs: 250, capMs: 5_000 };
/** Widest spread of agents that return after one outage, in milliseconds. */
const rejoinSpreadMs = 1_000;
/** Faults that no repetition of the first registration mends. */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  'invalid_argument',
  'forbidden',
  'unauthorized',
  'payload_too_large',
]);
/** Answers to a heartbeat that say: this registration is not known any more. */
const forgotten: ReadonlySet<ErrorCode> = new Set(['not_found', 'unauthorized']);
/** Answers that say: this id is another's. */
const taken: ReadonlySet<ErrorCode> = new Set(['conflict', 'unauthorized']);

/** Keeps one agent registered: joins, beats, joins again when it was forgotten or cut off, leaves. */
export class Membership {
  /** Of our own making and the same for life: a registration whose reply was lost is known when it is repeated. */
  private readonly ownToken = randomBytes(16).toString('base64url');
  private registration: RegisterReply | undefined;
  /** Whether routing may hold this agent, by our latest knowledge. */
  private maybeHeld = false;
  private tagged: { readonly token: string; readonly tags: AnswerTags } | undefined;
  private stale = false;
  private stopped = false;
  private wake: () => void = () => undefined;
  /** What is under way: the first registration, then the life that follows it. */
  private living: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MembershipOptions) {}

  get registered(): boolean {
    return this.options.mailbox.confirmed && !this.stale && !this.stopped;
  }

  /**
   * Resolves once registered; from then on heartbeats go out.
   * @throws NexusError what routing refused for good, or `unavailable` when the agent is closed meanwhile
   */
  async join(): Promise<void> {
    const joining = this.register();
    this.living = joining;
    const { heartbeatMs } = await joining;
    this.living = this.live(heartbeatMs);
  }

  /** After an outage the registration may have run out: says hello again with its token. */
  reconnected(): void {
    this.stale = this.registration !== undefined;
    this.wake();
  }

  /** Stops heartbeats and gives the id back, waiting at most `withinMs`. */
  async leave(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    this.stop();
    // A registration that is under way should not land behind the farewell; if it does, it says its own.
    await within(this.living, withinMs);
    await this.sayFarewell(Math.max(1, Math.min(replyTimeoutMs, untilMs - performance.now())));
  }

  /** Ends the loop without a farewell. */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  /** The tags of its registration. */
  get tags(): AnswerTags {
    const { token } = this;
    if (this.tagged?.token !== token) this.tagged = { token, tags: new AnswerTags(tokenHashOf(token)) };
    return this.tagged.tags;
  }

  private get token(): string {
    return this.registration?.token ?? this.ownToken;
  }

  /** Unheard, it is made up for by the time to live. */
  private async sayFarewell(timeoutMs: number): Promise<void> {
    if (!this.maybeHeld) return;
    this.maybeHeld = false;
    const { agentId, caller } = this.options;
    const { token } = this;
    await caller
      .call(endpoints.agentsDeregister, { agentId }, { token }, { timeoutMs })
      .catch(() => undefined);
  }

  private async live(firstIntervalMs: number): Promise<void> {
    // The first beat falls anywhere in the interval, so that a fleet started at once does not beat at once.
    let waitMs = Math.random() * firstIntervalMs;
    for (;;) {
      if (!(await this.pause(waitMs))) return;
      const startedAtMs = performance.now();
      if (this.stale) {
        if (!(await this.pause(Math.random() * rejoinSpreadMs))) return;
        // It fails only when the agent has stopped, and then the next pause ends the loop.
        await this.register().catch(() => undefined);
      } else {
        await this.beat();
      }
      const intervalMs = (this.registration?.heartbeatMs ?? firstIntervalMs) * (0.8 + 0.2 * Math.random());
      // From beat to beat: the wait for one that is lost must not put off the next.
      waitMs = this.stale ? 0 : Math.max(0, intervalMs - (performance.now() - startedAtMs));
    }
  }

  private async beat(): Promise<void> {
    const { agentId, caller, load, stats, report } = this.options;
    if (!this.registration) return;
    const { token, heartbeatMs } = this.registration;
    const timeoutMs = Math.min(replyTimeoutMs, heartbeatMs);
    try {
      await caller.call(endpoints.agentsHeartbeat, { agentId }, { token, ...load() }, { timeoutMs });
      stats.heartbeats += 1;
    } catch (cause) {
      const error = NexusError.from(cause);
      stats.heartbeatsFailed += 1;
      if (forgotten.has(error.code)) this.stale = true;
      if (taken.has(error.code)) this.options.mailbox.refuse();
      report({ kind: 'heartbeat_failed', error });
    }
  }

  /** Tries until it succeeds; only the first registration of a life may fail for good. */
  private async register(): Promise<RegisterReply> {
    const { agentId, caller, mailbox, introduction, stats, report } = this.options;
    for (let attempt = 0; ; attempt += 1) {
      if (this.stopped) throw new NexusError('unavailable', 'the agent is closed');
      try {
        const request = { ...introduction, token: this.token };
        this.maybeHeld = true;
        mailbox.open();
        const reply = await caller.call(endpoints.agentsRegister, { agentId }, request, {
          timeoutMs: replyTimeoutMs,
        });
        this.registration = reply;
        this.stale = false;
        if (this.hasStopped()) {
          this.maybeHeld = true;
          await this.sayFarewell(replyTimeoutMs);
          continue;
        }
        stats.registrations += 1;
        report({ kind: 'registered', heartbeatMs: reply.heartbeatMs, ttlMs: reply.ttlMs });
        mailbox.confirm();
        return reply;
      } catch (cause) {
        const error = NexusError.from(cause);
        if (taken.has(error.code)) {
          this.maybeHeld = false;
          mailbox.refuse();
        }
        if (!this.registration && hopeless.has(error.code)) throw error;
        const retryInMs = backoffMs(registerBackoff, attempt, error.retryAfterMs);
        report({ kind: 'registration_failed', error, attempt: attempt + 1, retryInMs });
        await this.pause(retryInMs);
      }
    }
  }

  /** Waits, or less when something happened meanwhile; false when the agent has stopped. */
  private async pause(ms: number): Promise<boolean> {
    if (this.stopped) return false;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.wake = () => undefined;
    return !this.hasStopped();
  }

  /** A call, so that the compiler does not take the value from before a wait. */
  private hasStopped(): boolean {
    return this.stopped;
  }
}
