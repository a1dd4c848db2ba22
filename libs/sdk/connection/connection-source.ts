import { NexusError } from '@nexus/contracts';
import { Connection, type ConnectOptions, ReplyInbox } from '@nexus/wire';

/** First token of every subject, where the options name none. */
export const prefixDefault = 'nexus';

/** Where messages go: a connection of one's own, opened from an address, or one that several agents share. */
export type ConnectionSource =
  | {
      /** `nats://host:port`, or several of one cluster. */
      readonly servers: string | readonly string[];
      /** Credentials and TLS, as the NATS client takes them. */
      readonly auth?: ConnectOptions['auth'];
      /** First tokens of every reply subject; with credentials, `_INBOX.<kind>.<id>`. Default `_INBOX`. */
      readonly inboxPrefix?: string;
      /** How long the first connection may take, in milliseconds. Default 10,000. */
      readonly connectTimeoutMs?: number;
      readonly connection?: never;
    }
  | {
      /** An open connection; whoever opened it closes it. */
      readonly connection: Connection;
      readonly servers?: never;
      readonly auth?: never;
      readonly inboxPrefix?: never;
      readonly connectTimeoutMs?: never;
    };

/** A connection, and whether closing it is the holder's duty. */
export interface HeldConnection {
  readonly connection: Connection;
  readonly owned: boolean;
}

/**
 * Opens the connection, or takes the one that was given.
 * @param name shown by the server in its connection list
 * @throws NexusError `unavailable` when no server answers, `unauthorized` when one refuses the credentials,
 * `invalid_argument` without an address
 */
export async function holdConnection(source: ConnectionSource, name: string): Promise<HeldConnection> {
  if (source.connection) return { connection: source.connection, owned: false };
  const { servers, auth, inboxPrefix, connectTimeoutMs } = source;
  if (servers.length === 0) throw new NexusError('invalid_argument', 'servers: name at least one');
  const connection = await Connection.open({
    servers,
    name,
    ...(auth && { auth }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
  });
  return { connection, owned: true };
}

const inboxes = new WeakMap<Connection, ReplyInbox>();

/** The one reply inbox of a connection, so that a thousand agents on it cost one subscription. */
export function replyInboxOf(connection: Connection): ReplyInbox {
  const known = inboxes.get(connection);
  if (known) return known;
  const inbox = new ReplyInbox(connection);
  inboxes.set(connection, inbox);
  return inbox;
}
