import { type EventBody, type EventName, subjectOf, subjects } from '@nexus/contracts';
import { type Connection, encodeBody } from '@nexus/wire';
import { type Drops } from './drops.js';

/** Says what happened on `nexus.events.>`. Events are news, not records: while disconnected they are dropped. */
export class EventPublisher {
  private readonly subjects = new Map<EventName, string>();

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
    private readonly drops: Drops,
  ) {}

  publish<N extends EventName>(name: N, body: EventBody<N>): void {
    if (!this.connection.connected) {
      this.drops.undeliveredEvent += 1;
      return;
    }
    this.connection.publish(this.subjectFor(name), encodeBody(body));
  }

  private subjectFor(name: EventName): string {
    const known = this.subjects.get(name);
    if (known !== undefined) return known;
    const [domain, event] = name.split('.') as [string, string];
    const subject = subjectOf(this.prefix, subjects.event, { domain, event });
    this.subjects.set(name, subject);
    return subject;
  }
}
