import {
  endpoints,
  type ErrorCode,
  type HostRegisterReply,
  type HostRegisterRequest,
  type hostRegisterRequestSchema,
  limits,
  NexusError,
} from '@nexus/contracts';
import { type Caller } from '@nexus/wire';
import { processLoad } from '../agent/process-load.js';
import { within } from '../agent/within.js';
import { backoffMs } from '../connection/backoff.js';
import { type HostDesk } from './host-desk.js';
import { type HostMailbox } from './host-mailbox.js';
import { type Member } from './member.js';

type Introduction = (typeof hostRegisterRequestSchema)['_zod']['input']['agents'][number];

export interface HostMembershipOptions {
  readonly hostId: string;
  readonly token: string;
  readonly node: string | undefined;
  readonly encoding: HostRegisterRequest['encoding'];
  readonly caller: Caller;
  readonly mailbox: HostMailbox;
  readonly desk: HostDesk;
}

/** One agent that wants to join, and whoever waits for it. */
interface Applicant {
  readonly member: Member;
  readonly introduction: Introduction;
  readonly bytes: number;
  readonly joined: () => void;
  readonly refused: (error: NexusError) => void;
  /** Registered before: it may not fail for good any more. */
  known: boolean;
  /** Routing has it, as far as was heard. */
  held: boolean;
  /** It is in the queue, or will be once it has waited: nobody else is to put it there. */
  applying: boolean;
  /** A message with it was refused as a whole: the next one has it alone. */
  alone: boolean;
  attempts: number;
}

/** Time that routing has for one reply, in milliseconds: a thousand agents are several scripts. */
const replyTimeoutMs = 5_000;
const heartbeatMsDefault = 1_000;
const registerBackoff = { baseMs: 250, capMs: 5_000 };
/** Widest spread of hosts that return after one outage, in milliseconds. */
const rejoinSpreadMs = 500;
/** Room of the agents in one message, in bytes: below the largest request that services take. */
const batchBytesMax = 200 * 1024;
/** Agents whose load one heartbeat tells, the fullest queues first; what is not told counts as idle. */
const loadsMax = 1_500;
/** Faults that no repetition of the first registration mends. */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  'invalid_argument',
  'forbidden',
  'unauthorized',
  'payload_too_large',
]);
/** Faults of a message that most of those in it, each in a message of its own, may not have. */
const faultOfOne: ReadonlySet<ErrorCode> = new Set(['invalid_argument', 'payload_too_large']);

/** Answers to a heartbeat that say: this registration is not known any more. */
const forgotten: ReadonlySet<ErrorCode> = new Set(['not_found', 'unauthorized']);

/**
 * Keeps the agents of a host registered: those that are added within one turn join with one message, one heartbeat keeps
 * all of them, and when it turns out that routing has fewer, all join again.
 */
export class HostMembership {
  private readonly applicants = new Map<Member, Applicant>();
  private queue: Applicant[] = [];
  private registering: Promise<void> | undefined;
  private beating: NodeJS.Timeout | undefined;
  private retries = new Set<NodeJS.Timeout>();
  private farewells: string[] = [];
  private farewell: Promise<void> | undefined;
  private heartbeatMs = heartbeatMsDefault;
  private maybeHeld = false;
  private stopped = false;

  constructor(private readonly options: HostMembershipOptions) {}

  /**
   * Resolves once the agent is registered.
   * @throws NexusError what routing refused for good, or `unavailable` when the host is closed meanwhile
   */
  join(member: Member): Promise<void> {
    return new Promise((resolve, reject) => {
      const introduction = introductionOf(member, this.options.node);
      const applicant: Applicant = {
        member,
        introduction,
        bytes: Buffer.byteLength(JSON.stringify(introduction)),
        joined: resolve,
        refused: reject,
        known: false,
        held: false,
        applying: false,
        alone: false,
        attempts: 0,
      };
      this.applicants.set(member, applicant);
      this.apply([applicant]);
    });
  }

  /** Takes an agent out of the fleet, together with others of this turn. */
  leave(member: Member): Promise<void> {
    this.forget(member);
    if (this.stopped) return Promise.resolve();
    this.farewells.push(member.agentId);
    this.farewell ??= nextTurn().then(() => this.sayFarewells());
    return this.farewell;
  }

  /** Stops heartbeats and gives all ids back, waiting at most `withinMs`. */
  async leaveAll(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    this.stop();
    // A registration that is under way should not land behind the farewell.
    if (this.registering) await within(this.registering, withinMs);
    if (!this.maybeHeld) return;
    await this.deregister(undefined, Math.max(1, untilMs - performance.now()));
  }

  /** Ends all without a farewell. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.beating);
    for (const timer of this.retries) clearTimeout(timer);
    this.giveUp();
  }

  /** Waits no longer for those that have not joined yet. */
  giveUp(): void {
    for (const { member, known } of [...this.applicants.values()]) if (!known) this.forget(member);
  }

  /** After an outage routing may have given the agents up: a heartbeat tells. */
  reconnected(): void {
    if (this.beating) this.beatIn(Math.random() * rejoinSpreadMs);
  }

  private forget(member: Member): void {
    const applicant = this.applicants.get(member);
    if (!applicant) return;
    this.applicants.delete(member);
    this.queue = this.queue.filter((each) => each !== applicant);
    if (!applicant.known)
      applicant.refused(new NexusError('unavailable', 'the agent was given up before it had joined'));
    this.heldNoMore(applicant);
  }

  private apply(applicants: readonly Applicant[]): void {
    for (const applicant of applicants) {
      if (this.applicants.get(applicant.member) !== applicant || applicant.applying) continue;
      applicant.applying = true;
      this.queue.push(applicant);
    }
    this.registering ??= nextTurn()
      .then(() => this.registerAll())
      .finally(() => (this.registering = undefined));
  }

  private async registerAll(): Promise<void> {
    while (this.queue.length > 0 && !this.stopped) await this.register(this.takeBatch());
  }

  private takeBatch(): Applicant[] {
    let bytes = 0;
    let count = 0;
    for (const applicant of this.queue) {
      bytes += applicant.bytes + 1;
      if (count > 0 && (applicant.alone || bytes > batchBytesMax || count >= limits.hostBatchMax)) break;
      count += 1;
      if (applicant.alone) break;
    }
    return this.queue.splice(0, count);
  }

  private async register(batch: readonly Applicant[]): Promise<void> {
    const { hostId, token, encoding, caller, mailbox } = this.options;
    mailbox.open();
    this.maybeHeld = true;
    const agents = batch.map(({ introduction }) => introduction);
    const request = { token, agents, ...(encoding && { encoding }) };
    try {
      const reply = await caller.call(endpoints.hostsRegister, { hostId }, request, {
        timeoutMs: replyTimeoutMs,
      });
      this.registered(batch, reply);
    } catch (cause) {
      this.refusedAll(batch, NexusError.from(cause));
    }
  }

  private registered(batch: readonly Applicant[], reply: HostRegisterReply): void {
    const { stats, report } = this.options.desk;
    const refused = new Map(reply.refused.map((each) => [each.agentId as string, each]));
    const joined = batch.filter(({ member }) => !refused.has(member.agentId));
    this.heartbeatMs = reply.heartbeatMs;
    this.beating ??= this.beatIn(Math.random() * reply.heartbeatMs);
    for (const applicant of joined) this.confirm(applicant);
    stats.registrations += joined.length;
    if (joined.length > 0) {
      const { heartbeatMs, ttlMs } = reply;
      report({ kind: 'registered', agents: joined.length, heartbeatMs, ttlMs });
    }
    for (const applicant of batch) {
      const told = refused.get(applicant.member.agentId);
      if (!told) continue;
      applicant.member.turnOut();
      this.heldNoMore(applicant);
      this.failed([applicant], new NexusError(told.code, told.message));
    }
  }

  private confirm(applicant: Applicant): void {
    applicant.attempts = 0;
    applicant.alone = false;
    applicant.applying = false;
    if (this.applicants.get(applicant.member) !== applicant) {
      // It left while its registration was under way.
      if (!this.stopped) void this.leave(applicant.member);
      return;
    }
    if (!applicant.held) this.options.desk.stats.agents += 1;
    applicant.held = true;
    applicant.known = true;
    applicant.member.hold();
    applicant.member.admit();
    applicant.joined();
  }

  private refusedAll(batch: readonly Applicant[], error: NexusError): void {
    if (error.code === 'conflict') {
      // The host is another's: what comes on its subjects may be too.
      this.options.mailbox.shut();
      for (const applicant of batch) {
        applicant.member.turnOut();
        this.heldNoMore(applicant);
      }
    }
    if (faultOfOne.has(error.code) && batch.length > 1) {
      // One of them is at fault, or all together, and nobody is to suffer for the others.
      for (const applicant of batch) applicant.alone = true;
      this.queue.unshift(...batch);
      return;
    }
    this.failed(batch, error);
  }

  private failed(batch: readonly Applicant[], error: NexusError): void {
    const again: Applicant[] = [];
    for (const applicant of batch) {
      if (applicant.known || !hopeless.has(error.code)) again.push(applicant);
      else {
        this.applicants.delete(applicant.member);
        applicant.refused(error);
      }
    }
    if (again.length === 0 || this.stopped) return;
    const attempts = Math.max(...again.map((applicant) => (applicant.attempts += 1)));
    const retryInMs = backoffMs(registerBackoff, attempts - 1, error.retryAfterMs);
    const agentIds = again.map(({ member }) => member.agentId);
    this.options.desk.report({ kind: 'registration_failed', error, agentIds, retryInMs });
    const timer = setTimeout(() => {
      this.retries.delete(timer);
      for (const applicant of again) {
        applicant.member.hold();
        applicant.applying = false;
      }
      this.apply(again);
    }, retryInMs);
    this.retries.add(timer);
  }

  private beatIn(ms: number): NodeJS.Timeout {
    clearTimeout(this.beating);
    this.beating = setTimeout(() => void this.beat(), ms);
    return this.beating;
  }

  private async beat(): Promise<void> {
    const startedAtMs = performance.now();
    const known = this.options.desk.stats.agents;
    if (known > 0) await this.sayAlive(known);
    if (this.stopped) return;
    // From beat to beat: the wait for one that is lost must not put off the next.
    const intervalMs = this.heartbeatMs * (0.8 + 0.2 * Math.random());
    this.beatIn(Math.max(0, intervalMs - (performance.now() - startedAtMs)));
  }

  private async sayAlive(known: number): Promise<void> {
    const { hostId, token, caller, desk } = this.options;
    const timeoutMs = Math.min(replyTimeoutMs, 2 * this.heartbeatMs);
    try {
      const request = { token, ...processLoad.read(), agents: this.loads() };
      const { agents } = await caller.call(endpoints.hostsHeartbeat, { hostId }, request, { timeoutMs });
      desk.stats.heartbeats += 1;
      if (agents < known) this.rejoin();
    } catch (cause) {
      const error = NexusError.from(cause);
      desk.stats.heartbeatsFailed += 1;
      desk.report({ kind: 'heartbeat_failed', error });
      if (forgotten.has(error.code)) this.rejoin();
    }
  }

  /** Somebody else has the id, or it has left: routing is not expected to count it among ours. */
  private heldNoMore(applicant: Applicant): void {
    if (!applicant.held) return;
    applicant.held = false;
    this.options.desk.stats.agents -= 1;
  }

  /**
   * Who says the same again changes nothing: so all do, and nobody has to know who was forgotten. Those that were refused
   * ask again in their own time.
   */
  private rejoin(): void {
    if (this.stopped || this.queue.length > 0) return;
    this.apply([...this.applicants.values()].filter(({ known }) => known));
  }

  private loads() {
    const busy = [...this.options.desk.busy].filter((each) => each.active > 0 || each.queueDepth > 0);
    if (busy.length > loadsMax) busy.sort((left, right) => right.queueDepth - left.queueDepth);
    return busy
      .slice(0, loadsMax)
      .map(({ agentId, queueDepth, active }) => ({ agentId, queueDepth, active }) as never);
  }

  private async sayFarewells(): Promise<void> {
    const agentIds = this.farewells.splice(0);
    this.farewell = undefined;
    for (let at = 0; at < agentIds.length; at += limits.hostBatchMax) {
      await this.deregister(agentIds.slice(at, at + limits.hostBatchMax), replyTimeoutMs);
    }
  }

  /** Unheard, it is made up for by the time to live. */
  private async deregister(agentIds: readonly string[] | undefined, timeoutMs: number): Promise<void> {
    const { hostId, token, caller } = this.options;
    const request = { token, ...(agentIds && { agents: agentIds as never }) };
    await caller.call(endpoints.hostsDeregister, { hostId }, request, { timeoutMs }).catch(() => undefined);
  }
}

function introductionOf(
  { options, groups, maxConcurrency }: Member,
  nodeOfHost: string | undefined,
): Introduction {
  const { agentId, capabilities = [], node = nodeOfHost, weight, meta } = options;
  return {
    agentId,
    groups: [...groups],
    capabilities: [...capabilities],
    maxConcurrency,
    ...(node !== undefined && { node }),
    ...(weight !== undefined && { weight }),
    ...(meta !== undefined && { meta: { ...meta } }),
  };
}

/** Resolves once this turn of the event loop is over, and with it what else belongs to the same message. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
