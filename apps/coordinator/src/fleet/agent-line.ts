import {
  type CausalStamp,
  type Clock,
  type MessageKind,
  NexusError,
  type RelayOrder,
} from '@nexus/contracts';
import {
  type Connection,
  type Conversation,
  encodeBody,
  type Encoding,
  failSpan,
  firstEvent,
  type ReplyInbox,
} from '@nexus/wire';
import { type Span } from '@opentelemetry/api';
import { noLeases } from '../coordination/agent-leases.js';
import { type Coordination } from '../coordination/coordination.js';
import { type Deadline } from '../coordination/deadline.js';
import { type Admit } from '../coordination/part-sink.js';
import { type AddressBook } from '@nexus/routes';
import { type Body, type BodyFor } from './body.js';
import { type Answer, readAnswer, type Seen } from '@nexus/wire';
import { Outbox } from './outbox.js';

export interface AgentLineOptions {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  /** Where agents are, and how messages to them are written. */
  readonly addresses: AddressBook;
  /** This coordinator, as agents see it in `from`. */
  readonly self: string;
  /** Told of what an agent had seen, where its answer says so. It must not throw. */
  readonly onSeen?: (agentId: string, seen: Seen) => void;
}

/** What agents are to be sent. */
export interface Letter {
  readonly kind: MessageKind;
  readonly payload: unknown;
  /** 1, the default, for the first try. */
  readonly attempt?: number;
  /** When an answer is of no use any more. Default: the deadline of the coordination. */
  readonly deadline?: Deadline;
  /** When it happened. Default: when the coordination began. */
  readonly clock?: Clock;
  /** What it is to be delivered after, in a causal operation. */
  readonly causal?: CausalStamp;
}

/** How one message is written. */
export interface Form {
  readonly encoding: Encoding;
  /** Of the lease on the agent, in an exclusive request. */
  readonly fencingToken?: number | undefined;
  /** Which agents of a host it is for. */
  readonly agents?: readonly string[];
  /** To whom a relay is to pass it on. */
  readonly relay?: RelayOrder;
}

export interface Outgoing {
  readonly agentId: string;
  /** Tells the answer apart from the others of the exchange. */
  readonly slot: number;
  readonly body: Body;
}

/** Nobody listens on the agent's subject, so the message was never taken in. */
export interface Undeliverable {
  readonly kind: 'undeliverable';
  readonly agentId: string;
}

/** Called with each answer. */
export type OnAnswer = (slot: number, answer: Answer | Undeliverable) => void;

/** The line to the agents: messages out on their own subjects, answers in by slot. */
export class AgentLine {
  readonly replies: ReplyInbox;

  constructor(private readonly options: AgentLineOptions) {
    this.replies = options.replies;
  }

  /**
   * Writes messages for agents: once for all that get the same, which are all but those of an exclusive request.
   * @throws NexusError `payload_too_large` when no message can carry it: what came as MessagePack may be longer here
   */
  writer(coordination: Coordination, letter: Letter): BodyFor {
    const { leases } = coordination;
    const { addresses } = this.options;
    if (leases !== noLeases) {
      return (agentId) =>
        this.write(coordination, letter, {
          encoding: addresses.encodingOf(agentId),
          fencingToken: leases.tokenOf(agentId),
        });
    }
    const json = this.write(coordination, letter, { encoding: 'json' });
    let packed: Body | undefined;
    return (agentId) =>
      addresses.encodingOf(agentId) === 'json'
        ? json
        : (packed ??= this.write(coordination, letter, { encoding: 'msgpack' }));
  }

  /**
   * Writes one message.
   * @param form how, and what only some messages have
   * @throws NexusError `payload_too_large` when no message can carry it
   */
  write(coordination: Coordination, letter: Letter, form: Form): Body {
    const { kind, payload, attempt = 1, deadline = coordination.deadline, causal } = letter;
    const { encoding, fencingToken, agents, relay } = form;
    const { bodyBytesMax } = this.options.connection;
    const message = {
      coordinationId: coordination.id,
      kind,
      payload: payload ?? null,
      budgetMs: deadline.remainingMs,
      attempt,
      from: this.options.self,
      clock: letter.clock ?? coordination.clock,
      ...(causal && { causal }),
      ...(fencingToken !== undefined && { fencingToken }),
      ...(agents && { agents }),
      ...(relay && { relay }),
    };
    const bytes = encodeBody(message, encoding);
    if (bytes.length <= bodyBytesMax) return { bytes, encoding };
    throw new NexusError(
      'payload_too_large',
      `the message for an agent has ${bytes.length} bytes as ${encoding}, where the broker carries ${bodyBytesMax}`,
    );
  }

  /** Opens a way out for messages that are not to be answered. */
  outbox(coordination: Coordination): Outbox {
    return new Outbox(this.options, coordination);
  }

  /** Largest body that one message can carry, in bytes. */
  get bodyBytesMax(): number {
    return this.options.connection.bodyBytesMax;
  }

  get addresses(): AddressBook {
    return this.options.addresses;
  }

  /** To be told of what an agent had seen when it answered. */
  seen(agentId: string, seen: Seen): void {
    this.options.onSeen?.(agentId, seen);
  }

  /** @throws NexusError `unavailable` while there is no connection */
  demandConnection(): void {
    if (!this.options.connection.connected) throw lineDown();
  }

  /** Whether agents can be reached: connected, and long enough after an outage for them to be back as well. */
  get reachable(): boolean {
    return this.options.connection.steady;
  }

  /** Calls `listener` when agents can be reached again; returns how to stop. */
  onReachable(listener: () => void): () => void {
    return this.options.connection.onSteady(listener);
  }

  /**
   * Gives agents time to come back after an outage: whoever is asked earlier would count as absent. Half of what is
   * left of the budget at most, so that the rest is enough for those who are there.
   * @throws NexusError `unavailable` when there is no connection by then
   */
  async settle({ remainingMs }: Deadline): Promise<void> {
    if (this.reachable) return;
    const { connection } = this.options;
    const withinMs = remainingMs / 2;
    await firstEvent({ listen: ({ resolve }) => this.onReachable(resolve), withinMs, late: lineDown }).catch(
      (error: unknown) => {
        if (!connection.connected) throw error;
      },
    );
  }

  /** Waits until the broker has all that was told. */
  async flush(withinMs: number): Promise<void> {
    await this.options.connection.flush(withinMs);
  }

  /** Opens an exchange of messages that are to be answered. */
  open(coordination: Coordination, onAnswer: OnAnswer, admit: Admit = coordination.parts.admit): Exchange {
    return new Exchange({ ...this.options, admit }, coordination, onAnswer);
  }
}

/** Messages sent to agents on behalf of one coordination, and the answers to them. */
export class Exchange {
  private readonly conversation: Conversation;
  private readonly awaited = new Map<number, { agentId: string; span: Span | undefined }>();
  private readonly outbox: Outbox;

  constructor(
    options: AgentLineOptions & { readonly admit: Admit },
    coordination: Coordination,
    private readonly onAnswer: OnAnswer,
  ) {
    this.outbox = new Outbox(options, coordination);
    this.conversation = options.replies.open((slot, message) => {
      const awaited = this.awaited.get(slot);
      if (!awaited) {
        options.replies.late += 1;
        return;
      }
      this.awaited.delete(slot);
      const answer =
        message === null
          ? { kind: 'undeliverable' as const, agentId: awaited.agentId }
          : readAnswer(message, awaited.agentId, {
              bodyBytesMax: options.connection.bodyBytesMax,
              admit: options.admit,
            });
      if (answer.kind !== 'undeliverable' && answer.seen) options.onSeen?.(awaited.agentId, answer.seen);
      endSend(awaited.span, answer);
      this.onAnswer(slot, answer);
    });
  }

  /**
   * Sends one message.
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` over the broker's limit
   */
  send({ agentId, slot, body }: Outgoing): void {
    const span = this.outbox.send({ agentId, body, reply: this.conversation.replySubject(slot) });
    this.awaited.set(slot, { agentId, span });
  }

  /** What has not been answered by now is late when it comes. */
  close(): void {
    this.conversation.close();
    for (const { span } of this.awaited.values()) {
      if (span) failSpan(span, new NexusError('deadline_exceeded', 'no answer before the deadline'));
      span?.end();
    }
    this.awaited.clear();
  }
}

const lineDown = () =>
  new NexusError('unavailable', 'the connection to NATS is down', { retryAfterMs: 1_000 });

/** Ends the span of a message that was answered, with what its agent failed with. */
export function endSend(span: Span | undefined, answer: Answer | Undeliverable): void {
  if (!span) return;
  if (answer.kind === 'failed') failSpan(span, new NexusError(answer.code, answer.message));
  if (answer.kind === 'undeliverable') failSpan(span, new NexusError('unavailable', 'nobody listens'));
  span.end();
}
