import { type EventBody, type EventName, subjectOf, subjects } from '@nexus/contracts';
import { type Connection, encodeBody } from '@nexus/wire';

/** Says what happened on `nexus.events.>`. Events are news, not records: while disconnected they are dropped. */
export class EventPublisher {
  /** Events that found no connection. */
  dropped = 0;

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {}

  publish<N extends EventName>(name: N, body: EventBody<N>): void {
    if (!this.connection.connected) {
      this.dropped += 1;
      return;
    }
    const [domain, event] = name.split('.') as [string, string];
    this.connection.publish(subjectOf(this.prefix, subjects.event, { domain, event }), encodeBody(body));
  }
}
