import { type Connection } from '@nexus/wire';
import { type NatsConnection, nuid } from '@nats-io/transport-node';

/**
 * The least that a multiplexed request can be: one inbox subscription and a table of who waits, by a counter. It knows
 * no deadline and no error, and believes every reply.
 */
export class BareLoop {
  private readonly nats: NatsConnection;
  private readonly inbox: string;
  private readonly waiting = new Map<string, (body: unknown) => void>();
  private next = 0;

  constructor({ nats, inboxPrefix }: Connection) {
    this.nats = nats;
    this.inbox = `${inboxPrefix}.${nuid.next()}.`;
    nats.subscribe(`${this.inbox}*`, {
      callback: (_, message) => {
        const id = message.subject.slice(this.inbox.length);
        const resolve = this.waiting.get(id);
        this.waiting.delete(id);
        resolve?.(message.json());
      },
    });
  }

  request(subject: string, body: object): Promise<unknown> {
    return new Promise((resolve) => {
      const id = (this.next++).toString(36);
      this.waiting.set(id, resolve);
      this.nats.publish(subject, JSON.stringify(body), { reply: this.inbox + id });
    });
  }
}
