import { randomUUID } from 'node:crypto';
import { type CoordinateRequestInput, endpoints } from '@nexus/contracts';
import { Caller, type Connection, ReplyInbox } from '@nexus/wire';

/** Longer than any goal measured here. */
const timeoutMs = 20_000;

type Body = Record<string, unknown>;

/** Asks Nexus the way its SDK does, with and without a request id. */
export class NexusCaller {
  private readonly caller: Caller;

  constructor(connection: Connection, prefix: string) {
    this.caller = new Caller(connection, new ReplyInbox(connection), prefix);
  }

  async assign(request: object): Promise<Body> {
    return (await this.caller.callRaw(endpoints.routingAssign, {}, request, { timeoutMs })).body;
  }

  async coordinate(request: CoordinateRequestInput): Promise<Body> {
    const body = await this.coordinateAnyhow(request);
    if (body['status'] !== 'complete') throw new Error(`the coordination is ${String(body['status'])}`);
    return body;
  }

  /** Whatever comes of it. */
  async coordinateAnyhow(request: CoordinateRequestInput): Promise<Body> {
    return (await this.caller.callRaw(endpoints.coordinateAnonymous, {}, request, { timeoutMs })).body;
  }

  /** With a new id each time: what asking costs when a repeat must not run twice. */
  coordinateOnce(request: CoordinateRequestInput): Promise<Body> {
    return this.coordinate({ ...request, requestId: randomUUID() });
  }
}
