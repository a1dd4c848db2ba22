import { type Msg, type Subscription } from '@nats-io/transport-node';
import { type Connection } from '@nexus/wire';

/** Whether a message never arrives. */
export type Lost = (subject: string, body: Readonly<Record<string, unknown>>) => boolean;

/** A connection on which messages to agents are lost, as core NATS may lose them: without a word. */
export function lossy(connection: Connection, lost: Lost): Connection {
  const subscribe = (subject: string, onMessage: (message: Msg) => void, queue?: string): Subscription =>
    connection.subscribe(
      subject,
      (message) => {
        const toAgent = message.subject.split('.')[1] === 'agent';
        if (!toAgent || !lost(message.subject, message.json<Record<string, unknown>>())) onMessage(message);
      },
      queue,
    );
  return Object.create(connection, { subscribe: { value: subscribe } }) as Connection;
}
