import { headers as natsHeaders, type Msg } from '@nats-io/transport-node';
import {
  agentAnswerSchema,
  type AgentFailure,
  type AgentId,
  type CoordinateAnswer,
  type CoordinatePayload,
  NexusError,
  type Selector,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { type Channel } from '@nexus/core/causality';
import {
  contentTypeHeader,
  type Conversation,
  decodeBody,
  encodingOf,
  frontiersFrom,
  injectTrace,
  stampOnWire,
  timerMsMax,
} from '@nexus/wire';
import { replyInboxOf } from '../connection/connection-source.js';
import { type AgentClock } from '../causal/agent-clock.js';
import { type CausalInbox } from '../causal/causal-inbox.js';
import { type CausalLine } from '../causal/causal-line.js';
import { type CausalOutbox } from '../causal/causal-outbox.js';
import { type StampedLetter, stampLetter } from '../causal/stamping.js';
import { messageLimits } from './reading.js';
import { type Outcome, Work } from './work.js';

export interface BroadcastRunOptions {
  readonly agentId: string;
  readonly line: CausalLine;
  readonly inbox: CausalInbox;
  readonly outbox: CausalOutbox;
  readonly clock: AgentClock;
}

/** How a run is followed. */
export interface RunWatch {
  /** All is sent. */
  readonly onSent: () => void;
  /** Ends the wait for answers. */
  readonly signal: AbortSignal;
}

/** Sent at once, before others on the connection have a turn. */
const batch = 256;
/** Left of the budget for the answer to travel, at most, in milliseconds. */
const answerTravelMsMax = 250;

/** Runs a broadcast in the name of whoever asked: stamps it, sends it to each agent, and collects what they say. */
export class BroadcastRun {
  constructor(private readonly options: BroadcastRunOptions) {}

  /** @throws NexusError when nothing was sent: `unavailable`, `overloaded`, or what `stampLetter` throws */
  async broadcast(work: Work, asked: CoordinatePayload, watch: RunWatch): Promise<CoordinateAnswer> {
    const { agentId, line, inbox, outbox } = this.options;
    if (!line.connection.connected) throw new NexusError('unavailable', 'the connection to NATS is down');
    if (inbox.full) throw new NexusError('overloaded', 'too many messages of the agent wait for their turn');
    const untilMs = performance.now() + Math.max(work.budgetMs - answerTravelMsMax, work.budgetMs / 2);
    const letter = stampLetter(outbox, channelOf(asked.selector), {
      coordinationId: work.message.coordinationId,
      kind: 'broadcast',
      payload: asked.payload,
      budgetMs: Math.max(0, Math.floor(untilMs - performance.now())),
      attempt: 1,
      from: agentId,
      bytesMax: line.connection.bodyBytesMax,
    });
    const tally = new Tally(asked);
    const conversation = this.listen(asked, tally);
    try {
      await this.sendAll(letter, asked, { tally, conversation });
      watch.onSent();
      if (asked.delivery === 'acknowledged') await tally.settled(untilMs, watch.signal);
    } finally {
      conversation?.close();
    }
    return { ...tally.account(), causal: stampOnWire(letter.stamp), frontiers: outbox.frontiers };
  }

  private listen({ agents, delivery }: CoordinatePayload, tally: Tally): Conversation | undefined {
    if (delivery !== 'acknowledged') return undefined;
    return replyInboxOf(this.options.line.connection).open((slot, message) => {
      const agentId = agents[slot];
      if (agentId !== undefined) this.heard(agentId, message, tally);
    });
  }

  /** What an agent has seen is now seen here, whatever it answered. */
  private heard(agentId: AgentId, message: Msg | null, tally: Tally): void {
    if (message === null) {
      tally.undelivered(agentId, 'the agent is not connected');
      return;
    }
    const answer = readAnswer(message);
    if (answer?.agentId !== agentId) {
      tally.failed({ agentId, code: 'internal', message: 'malformed answer' });
      return;
    }
    const { clock, outbox } = this.options;
    clock.received(answer.clock, agentId);
    if (answer.frontiers) outbox.heard(frontiersFrom(answer.frontiers));
    if (answer.ok) tally.acknowledged(agentId);
    else tally.failed({ agentId, ...answer.error });
  }

  private async sendAll(
    letter: StampedLetter,
    { agents, selector }: CoordinatePayload,
    { tally, conversation }: { readonly tally: Tally; readonly conversation: Conversation | undefined },
  ): Promise<void> {
    const { agentId: self, line, inbox } = this.options;
    const headers = natsHeaders();
    injectTrace(headers);
    const channel = channelOf(selector);
    const includesSelf = channel === undefined ? agents.some((each) => each === self) : inbox.hears(channel);
    if (includesSelf) this.tellSelf(letter, tally);
    let sent = 0;
    for (const [slot, to] of agents.entries()) {
      if (to === self) continue;
      const subject = subjectOf(line.prefix, subjects.agentPeer, { to, agentId: self });
      const reply = conversation && { reply: conversation.replySubject(slot) };
      try {
        line.connection.publish(subject, letter.body, { headers, ...reply });
        tally.delivered(to);
      } catch (thrown) {
        const { code, message } = NexusError.from(thrown);
        tally.failed({ agentId: to, code, message });
      }
      sent += 1;
      if (sent % batch === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Its own answer goes no further than here. */
  private tellSelf({ message, body, stamp }: StampedLetter, tally: Tally): void {
    const { agentId, line, inbox } = this.options;
    const subject = subjectOf(line.prefix, subjects.agentPeer, { to: agentId, agentId });
    const work = new Work({
      message,
      source: { subject, data: body },
      encoding: 'json',
      replySubject: undefined,
    });
    tally.delivered(agentId as AgentId);
    work.whenDone((outcome: Outcome) => {
      if (outcome.ok) tally.acknowledged(agentId as AgentId);
      else {
        const { code, message: why } = outcome.error;
        tally.failed({ agentId: agentId as AgentId, code, message: why });
      }
    });
    inbox.deliverOwn(work, stamp);
  }
}

/** Accounts for every agent once. */
class Tally {
  private readonly open: Set<AgentId>;
  private readonly failures: AgentFailure[] = [];
  private readonly deliveries = new Set<AgentId>();
  private acknowledgements = 0;
  private onSettled: () => void = () => undefined;

  constructor(private readonly asked: CoordinatePayload) {
    this.open = new Set(asked.agents);
  }

  delivered(agentId: AgentId): void {
    if (this.open.has(agentId)) this.deliveries.add(agentId);
  }

  undelivered(agentId: AgentId, message: string): void {
    this.deliveries.delete(agentId);
    this.failed({ agentId, code: 'unavailable', message });
  }

  acknowledged(agentId: AgentId): void {
    if (this.close(agentId)) this.acknowledgements += 1;
  }

  failed(failure: AgentFailure): void {
    if (this.close(failure.agentId)) this.failures.push(failure);
  }

  /** Resolves when all have answered, when the time is up, or when nobody waits any more. */
  async settled(untilMs: number, signal: AbortSignal): Promise<void> {
    if (this.open.size === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(timerMsMax, Math.max(0, untilMs - performance.now())));
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      signal.addEventListener('abort', finish, { once: true });
      this.onSettled = finish;
    });
    this.onSettled = () => undefined;
  }

  account(): Omit<CoordinateAnswer, 'causal' | 'frontiers'> {
    const acknowledged = this.asked.delivery === 'acknowledged';
    return {
      delivered: this.deliveries.size,
      ...(acknowledged && { acknowledged: this.acknowledgements }),
      failed: [...this.failures],
      missing: acknowledged ? [...this.open] : [],
    };
  }

  /** Whether it was not accounted for before. */
  private close(agentId: AgentId): boolean {
    const wasOpen = this.open.delete(agentId);
    if (this.open.size === 0) this.onSettled();
    return wasOpen;
  }
}

/** The channel that a selector names; undefined: the agents by their ids are none. */
function channelOf({ group, capability, all }: Selector): Channel | undefined {
  if (group !== undefined) return `group.${group}`;
  if (capability !== undefined) return `capability.${capability}`;
  return all === true ? 'all' : undefined;
}

function readAnswer({ headers, data }: Msg) {
  try {
    const encoding = encodingOf(headers?.get(contentTypeHeader));
    return agentAnswerSchema.parse(decodeBody(data, encoding, messageLimits));
  } catch {
    return undefined;
  }
}
