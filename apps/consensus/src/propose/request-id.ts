import { NexusError, parse, type RequestId, requestIdSchema } from '@nexus/contracts';

/**
 * The name of a request: the body's `requestId` and the header `Nats-Msg-Id` mean the same.
 * @throws NexusError `invalid_argument` when they disagree, or the header is none
 */
export function requestIdOf(
  inBody: RequestId | undefined,
  header: string | undefined,
): RequestId | undefined {
  if (header === undefined) return inBody;
  const requestId = parse(requestIdSchema, header, 'header Nats-Msg-Id');
  if (inBody === undefined || inBody === requestId) return requestId;
  throw new NexusError('invalid_argument', 'requestId differs from the header Nats-Msg-Id', {
    details: [{ path: 'requestId', message: 'send one of the two' }],
  });
}
