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
import { type NatsContext } from '@nexus/platform/nats';
import { type Coordination } from '../coordination/coordination.js';
import { newCoordinationId } from '../coordination/coordination-id.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts, type PartSink } from '../coordination/part-sink.js';
import { IdempotentRequests } from '../idempotency/idempotent-requests.js';
import { Orders } from '../intelligence/orders.js';
import { highestLayer, refuseInadmissible } from '../settings/admission.js';
import { SettingsFollower } from '../settings/settings-follower.js';
import { type Admitted, Conductor } from './conductor.js';
import { refuseContradictions } from './contradictions.js';
import { fingerprintOf } from './fingerprint.js';
import { type FittingReply, fitReply } from './fit-reply.js';
import { PartStream } from './part-stream.js';
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
    private readonly settings: SettingsFollower,
    private readonly requests: IdempotentRequests,
    private readonly conductor: Conductor,
    private readonly orders: Orders,
  ) {}

  /** @throws NexusError what the caller is told instead of a result */
  async handle({ user, request, context }: CoordinateCommand): Promise<FittingReply> {
    refuseContradictions(request);
    refuseUnavailable(request);
    const settings = this.settings.current;
    refuseInadmissible(request, settings);
    const id = newCoordinationId();
    const requestId = requestIdOf(request, context);
    const { encoding, replyBytesMax } = context;
    const room = new ResultRoom({ encoding, replyBytesMax });
    const parts = partsTo(id, request, { context, room });
    const admitted: Admitted = {
      ...{ id, user, request, requestId, parts },
      deadline: new Deadline(request.goal.timeoutMs),
      maxLayer: this.orders.cap(request.goal.type, highestLayer(request.maxLayer, settings)),
    };
    let started: Coordination | undefined;
    const reply = await this.conduct(
      admitted,
      (coordination) => (started = coordination),
      () => started?.hasSent ?? false,
    );
    if (request.stream) await parts.flush();
    // The answers in the outcome of an earlier request were let into its room, and not into this one.
    const takenBytes = started ? room.takenBytes : Infinity;
    return fitReply({ reply, streamed: request.stream, parts, takenBytes, context });
  }

  private conduct(
    admitted: Admitted,
    onStarted: (coordination: Coordination) => void,
    hasSent: () => boolean,
  ): Promise<CoordinateReply> {
    const { user, request, requestId, deadline } = admitted;
    const run = (repeated: boolean) => this.conductor.conduct({ ...admitted, repeated }, onStarted);
    if (requestId === undefined) return run(false);
    return this.requests.once({
      key: { user, requestId },
      fingerprint: fingerprintOf(request),
      deadline,
      run,
      hasSent,
      mayRunAgain: request.goal.type === 'consensus' && request.goal.commit,
    });
  }
}

/** The way of the entries to the caller. What agents answer to a broadcast is acknowledged, and not sent on. */
function partsTo(
  coordinationId: string,
  { goal, stream }: CoordinateRequest,
  { context, room }: { readonly context: NatsContext; readonly room: ResultRoom },
): PartSink {
  const { encoding, replyBytesMax } = context;
  const { type } = goal;
  const { admit } = type === 'broadcast' ? noParts : room;
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
