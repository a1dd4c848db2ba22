import { NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { Connection, NexusClient, type NexusClientOptions } from '@nexus/sdk';
import { ReplyInbox } from '@nexus/wire';
import { Advised } from '../ending/next-step.js';
import { type Session } from '../session/session.js';
import { serverAddress, type ServerAddress, type ServerOptions } from './server-address.js';

const connectTimeoutMs = 3_000;

/** A connection with what a command needs to know of it. */
export interface Link {
  readonly connection: Connection;
  /** For what is asked beside the client. */
  readonly replies: ReplyInbox;
  readonly address: ServerAddress;
  /** First token of every subject. */
  readonly prefix: string;
}

/** Runs a command's work on a connection, and closes it whatever happens. */
export async function withLink<T>(
  session: Session,
  options: ServerOptions,
  work: (link: Link) => Promise<T>,
): Promise<T> {
  const address = await serverAddress(session, options);
  const connection = await connect(session, address);
  try {
    const replies = new ReplyInbox(connection);
    return await work({ connection, replies, address, prefix: options.prefix ?? session.config.prefix });
  } finally {
    await connection.close();
  }
}

/** A client on the link. */
export const clientOn = (
  { connection, prefix }: Link,
  options: Pick<NexusClientOptions, 'userId' | 'retry' | 'timeoutMs'> = {},
): Promise<NexusClient> => NexusClient.connect({ ...options, connection, prefix });

/** @throws Advised with what to do when nobody answers, NexusError `unauthorized` when the credentials are refused */
async function connect({ config, installation }: Session, { servers, origin }: ServerAddress) {
  const { natsUser: user, natsPassword: pass } = config;
  try {
    return await Connection.open({
      servers,
      name: `nexus cli ${installation.version}`,
      connectTimeoutMs,
      ...(user !== undefined && { auth: { user, ...(pass !== undefined && { pass }) } }),
    });
  } catch (thrown) {
    const error = NexusError.from(thrown);
    if (error.code !== 'unavailable') throw error;
    const where = redactUrl(servers.join(','));
    const { cause } = error;
    const reason = cause instanceof Error ? cause.message : 'no answer';
    const unreachable = new NexusError('unavailable', `no NATS server at ${where}: ${reason}`, { cause });
    throw new Advised(unreachable, adviceFor(origin));
  }
}

function adviceFor(origin: ServerAddress['origin']): string {
  switch (origin) {
    case 'flag':
    case 'environment':
      return `check ${origin === 'flag' ? '--nats' : 'NEXUS_NATS_URL'}, or start a stack here with nexus up`;
    case 'stack':
      return 'the stack of this data directory is starting or stuck: see nexus doctor';
    case 'default':
      return 'start a stack here with nexus up, or name a server with --nats or NEXUS_NATS_URL';
  }
}
