import { type Msg, type Subscription } from '@nats-io/transport-node';
import {
  type CausalRepairReply,
  causalRepairReplySchema,
  type CausalRepairRequest,
  causalRepairRequestSchema,
  limits,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { idOfSender, type KeptRange, type Repair } from '@nexus/core/causality';
import { type Connection, decodeBody, encodeBody, isReplySubject, RepairBudget } from '@nexus/wire';
import { messageLimits } from '../agent/reading.js';
import { replyInboxOf } from '../connection/connection-source.js';
import { type BroadcastStore, type KeptBroadcast } from './broadcast-store.js';
import { writtenReply } from './repair-reply.js';

export interface RepairDeskOptions {
  readonly connection: Connection;
  readonly prefix: string;
  readonly store: BroadcastStore;
}

/** Called for each answer to a request. */
export type OnRepair = (reply: CausalRepairReply) => void;

/** How long answers to one request are listened to, in milliseconds. */
const listenMs = 1_000;
/** Requests under way; a further one is not sent, and made again by whoever still misses something. */
const asksMax = 64;
/** Longest wait before one of those who have kept a broadcast answers, so that not all do so at once. */
const answerSpreadMs = 100;
/** Answers to `causal.recover` that wait to be sent; beyond that, others may answer. */
const answersMax = 64;
/** A thousand agents that miss the same are served within the time of their asks. */
const repairBounds = { answersPerSecond: 512, bytesPerSecond: 8 * 1024 * 1024 };

/** Asks for broadcasts that were missed, and hands out those that are kept here, within a budget. */
export class RepairDesk {
  private readonly asked = new Map<string, OnRepair[]>();
  private readonly budget = new RepairBudget(repairBounds);
  private recovery: Subscription | undefined;
  private answering = 0;

  constructor(private readonly options: RepairDeskOptions) {}

  /** Asks for missed broadcasts: here, then of the sender or of everybody. Agents that miss the same ask once. */
  ask(repair: Repair, onReply: OnRepair): void {
    const { channel, sender, from, to, of } = repair;
    const { messages, keptFrom } = this.find({ channel, sender, from, to });
    if (messages.length > 0) {
      setImmediate(() => onReply({ messages: messages.map((kept) => kept.read()), ...onWire(keptFrom) }));
      return;
    }
    const key = `${of} ${channel} ${sender} ${from} ${to}`;
    const listeners = this.asked.get(key);
    if (listeners) listeners.push(onReply);
    else if (this.asked.size < asksMax) this.send(key, repair, [onReply]);
  }

  /** Hands out what this agent has sent, to whoever missed it; returns how to stop. */
  answerAs(memberId: string): () => void {
    const { connection, prefix } = this.options;
    const subject = subjectOf(prefix, subjects.causalRepair, { memberId });
    const subscription = connection.subscribe(subject, (message) => {
      const request = readRequest(message);
      if (request) this.answer(message, request);
    });
    return () => subscription.unsubscribe();
  }

  /** Hands out what is kept here of others. Does nothing the second time. */
  answerForOthers(): void {
    const { connection, prefix } = this.options;
    const subject = subjectOf(prefix, subjects.causalRecover, {});
    this.recovery ??= connection.subscribe(subject, (message) => this.answerLater(message));
  }

  close(): void {
    this.recovery?.unsubscribe();
    this.recovery = undefined;
  }

  private send(key: string, repair: Repair, listeners: OnRepair[]): void {
    const { connection, prefix } = this.options;
    const { channel, sender, from, to, of } = repair;
    if (!connection.connected) return;
    this.asked.set(key, listeners);
    const conversation = replyInboxOf(connection).open((_slot, message) => {
      const reply = message && readReply(message);
      if (!reply) return;
      for (const listener of listeners) listener(reply);
    });
    setTimeout(() => {
      this.asked.delete(key);
      conversation.close();
    }, listenMs).unref();
    const subject =
      of === 'sender'
        ? subjectOf(prefix, subjects.causalRepair, { memberId: idOfSender(sender) })
        : subjectOf(prefix, subjects.causalRecover, {});
    const body = encodeBody({ channel, sender, from, to });
    connection.publish(subject, body, { reply: conversation.replySubject(0) });
  }

  private answerLater(message: Msg): void {
    const request = readRequest(message);
    if (!request || this.answering === answersMax || this.find(request).messages.length === 0) return;
    this.answering += 1;
    setTimeout(() => {
      this.answering -= 1;
      this.answer(message, request);
    }, Math.random() * answerSpreadMs).unref();
  }

  /** Not at all where there is nothing to tell, or no budget left: whoever asked asks again, and asks others. */
  private answer({ reply }: Msg, request: CausalRepairRequest): void {
    const { connection } = this.options;
    const bytesMax = Math.min(connection.bodyBytesMax, this.budget.leftBytes(performance.now()));
    const body = writtenReply(this.find(request), bytesMax);
    if (reply === undefined || !body || !connection.connected) return;
    this.budget.spend(body.length);
    connection.publish(reply, body);
  }

  /** As many of them as one message may carry. */
  private find(range: Pick<Repair, 'channel' | 'sender' | 'from' | 'to'>): KeptRange<KeptBroadcast> {
    const { store, connection } = this.options;
    const bounds = { countMax: limits.repairMessagesMax, bytesMax: connection.bodyBytesMax };
    return store.range({ ...range, ...bounds }, performance.now());
  }
}

const onWire = (keptFrom: number | undefined) => (keptFrom === undefined ? {} : { keptFrom });

/** A request that may be answered. */
function readRequest({ data, reply }: Msg): CausalRepairRequest | undefined {
  if (reply === undefined || !isReplySubject(reply)) return undefined;
  try {
    return causalRepairRequestSchema.parse(decodeBody(data));
  } catch {
    return undefined;
  }
}

function readReply({ data }: Msg): CausalRepairReply | undefined {
  try {
    return causalRepairReplySchema.parse(decodeBody(data, 'json', messageLimits));
  } catch {
    return undefined;
  }
}
