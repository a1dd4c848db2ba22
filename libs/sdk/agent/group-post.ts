import { randomUUID } from 'node:crypto';
import { headers as natsHeaders } from '@nats-io/transport-node';
import {
  type CausalStamp,
  type Clock,
  type Frontiers,
  NexusError,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { injectTrace, messagingAttributes, stampOnWire, tracer } from '@nexus/wire';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { type CausalInbox } from '../causal/causal-inbox.js';
import { type CausalLine } from '../causal/causal-line.js';
import { type CausalOutbox } from '../causal/causal-outbox.js';
import { stampLetter } from '../causal/stamping.js';
import { Work } from './work.js';

export interface PublishOptions {
  /** How long a handler may take with it, in milliseconds. Default 30,000. */
  readonly budgetMs?: number;
  /** Shown to the handlers, to tell what belongs together. Default: a random one. */
  readonly coordinationId?: string;
}

/** What an agent told its group. */
export interface Published {
  readonly coordinationId: string;
  /** Its place among other broadcasts. */
  readonly causal: CausalStamp;
  /** What whoever knows of it knows of: for `after` of a goal. */
  readonly frontiers: Frontiers;
  readonly clock: Clock;
}

export interface GroupPostOptions {
  readonly agentId: string;
  readonly groups: readonly string[];
  readonly line: CausalLine;
  readonly inbox: CausalInbox;
  readonly outbox: CausalOutbox;
}

const budgetMsDefault = 30_000;

/** Tells groups of the agent something in causal order, with one publish for the whole group. */
export class GroupPost {
  constructor(private readonly options: GroupPostOptions) {}

  /** @throws NexusError as `Agent.publish` */
  publish(group: string, payload: unknown, options: PublishOptions = {}): Published {
    const { agentId, line, inbox, outbox } = this.options;
    const { connection } = line;
    this.assertReady(group);
    const { budgetMs = budgetMsDefault, coordinationId = randomUUID() } = options;
    const { stamp, message, body } = stampLetter(outbox, `group.${group}`, {
      coordinationId,
      kind: 'broadcast',
      payload,
      budgetMs,
      attempt: 1,
      from: agentId,
      bytesMax: connection.bodyBytesMax,
    });
    const subject = subjectOf(line.prefix, subjects.groupPeer, { group, agentId });
    this.send(subject, body);
    const source = { subject, data: body };
    inbox.deliverOwn(new Work({ message, source, encoding: 'json', replySubject: undefined }), stamp);
    const { clock = {} } = message;
    return { coordinationId, causal: stampOnWire(stamp), frontiers: outbox.frontiers, clock };
  }

  private assertReady(group: string): void {
    const { groups, line, inbox } = this.options;
    if (!groups.includes(group)) {
      throw new NexusError('invalid_argument', `group: the agent does not belong to ${group}`);
    }
    if (!line.connection.connected) throw new NexusError('unavailable', 'the connection to NATS is down');
    if (inbox.full) throw new NexusError('overloaded', 'too many messages wait for their turn');
  }

  /** It counts as sent: should the connection go this moment, those who missed it ask for it. */
  private send(subject: string, body: Uint8Array): void {
    const { line } = this.options;
    const template = `${line.prefix}.${subjects.groupPeer}`;
    const span = tracer().startSpan(`send ${template}`, {
      kind: SpanKind.PRODUCER,
      attributes: messagingAttributes('send', template, subject, body.length),
    });
    const headers = natsHeaders();
    injectTrace(headers, trace.setSpan(context.active(), span));
    try {
      line.connection.publish(subject, body, { headers });
    } catch (error) {
      span.recordException(error as Error);
    } finally {
      span.end();
    }
  }
}
