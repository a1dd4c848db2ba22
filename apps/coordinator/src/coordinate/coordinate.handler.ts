import { Injectable } from '@nestjs/common';
import {
  type CoordinateReply,
  type CoordinateRequest,
  NexusError,
  parse,
  type RequestId,
  requestIdSchema,
  type UserId,
} from '@nexus/contracts';
import { EventPublisher, type NatsContext } from '@nexus/platform/nats';
import { trace } from '@opentelemetry/api';
import { Coordination } from '../coordination/coordination.js';
import { newCoordinationId } from '../coordination/coordination-id.js';
import { Deadline } from '../coordination/deadline.js';
import { EventClock } from '../coordination/event-clock.js';
import { noParts, type PartSink } from '../coordination/part-sink.js';
import { Fleet } from '../fleet/fleet.js';
import { IdempotentRequests } from '../idempotency/idempotent-requests.js';
import { Ladder } from '../ladder/ladder.js';
import { fingerprintOf } from './fingerprint.js';
import { fitReply } from './fit-reply.js';
import { PartStream } from './part-stream.js';
import { composeReply } from './reply.js';
import { ResultRoom } from './result-room.js';
import { refuseUnavailable } from './unavailable-options.js';

export interface CoordinateCommand {
  readonly user: UserId;
  readonly request: CoordinateRequest;
  readonly context: NatsContext;
}

/** Takes a request from its arrival to its reply. */
@Injectable()
export class CoordinateHandler {
  constructor(
    private readonly fleet: Fleet,
    private readonly ladder: Ladder,
    private readonly requests: IdempotentRequests,
    private readonly clock: EventClock,
    private readonly events: EventPublisher,
  ) {}

  /** @throws NexusError what the caller is told instead of a result */
  async handle({ user, request, context }: CoordinateCommand): Promise<CoordinateReply> {
    refuseUnavailable(request);
    const deadline = new Deadline(request.goal.timeoutMs);
    const id = newCoordinationId();
    const parts = partsTo(id, request, context);
    let started: Coordination | undefined;
    const run = async () => {
      started = await this.start({ id, user, request, deadline, parts });
      return this.serve(started);
    };
    const requestId = requestIdOf(request, context);
    const reply =
      requestId === undefined
        ? await run()
        : await this.requests.once({
            key: { user, requestId },
            fingerprint: fingerprintOf(request),
            deadline,
            run,
            hasSent: () => started?.hasSent ?? false,
          });
    await parts.flush();
    return fitReply({ reply, streamed: request.stream, parts, context });
  }

  private async start(
    options: Pick<Coordination, 'id' | 'user' | 'request' | 'deadline' | 'parts'>,
  ): Promise<Coordination> {
    const targets = await this.fleet.resolve(options.request.agents, options.deadline);
    const span = trace.getActiveSpan();
    span?.setAttributes({
      'messaging.message.conversation_id': options.id,
      'nexus.goal.type': options.request.goal.type,
      'nexus.agents': targets.agents.length,
    });
    return new Coordination({
      ...options,
      targets,
      clock: this.clock.tick(),
      traceId: span?.spanContext().traceId ?? '',
    });
  }

  private async serve(coordination: Coordination): Promise<CoordinateReply> {
    const served = await this.ladder.serve(coordination, coordination.goal.type);
    const reply = composeReply(coordination, served, this.clock.tick());
    trace.getActiveSpan()?.setAttributes({ 'nexus.layer': reply.layer, 'nexus.status': reply.status });
    const { coordinationId, type, status, layer, traceId } = reply;
    const { durationMs, agents } = reply.performance;
    this.events.publish('coordination.completed', {
      ...{ coordinationId, type, status, layer, traceId, durationMs, agents },
      at: new Date().toISOString(),
    });
    return reply;
  }
}

/** The way of the entries to the caller. What agents answer to a broadcast is acknowledged, and not sent on. */
function partsTo(
  coordinationId: string,
  { goal, stream }: CoordinateRequest,
  context: NatsContext,
): PartSink {
  const { encoding, replyBytesMax } = context;
  const { type } = goal;
  const { admit } = type === 'broadcast' ? noParts : new ResultRoom({ encoding, replyBytesMax });
  if (!stream) return { ...noParts, admit };
  return new PartStream({
    ...{ coordinationId, type, admit, encoding, bytesMax: replyBytesMax },
    send: (part) => context.sendPart(part),
  });
}

/** The body's `requestId` and the header `Nats-Msg-Id` mean the same, and must not disagree. */
function requestIdOf(request: CoordinateRequest, context: NatsContext): RequestId | undefined {
  const header = context.header('Nats-Msg-Id');
  if (header === undefined) return request.requestId;
  const requestId = parse(requestIdSchema, header, 'header Nats-Msg-Id');
  if (request.requestId !== undefined && request.requestId !== requestId) {
    throw new NexusError('invalid_argument', 'requestId differs from the header Nats-Msg-Id', {
      details: [{ path: 'requestId', message: 'send one of the two' }],
    });
  }
  return requestId;
}
