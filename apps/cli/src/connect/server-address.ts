import { join, resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { DataDirLock } from '@nexus/platform/servers';
import { type Session } from '../session/session.js';

/** Options by which a command finds its server. */
export interface ServerOptions {
  readonly nats?: string;
  readonly prefix?: string;
  readonly dataDir?: string;
}

/** Where NATS is, and who said so. */
export interface ServerAddress {
  readonly servers: readonly string[];
  readonly origin: 'flag' | 'environment' | 'stack' | 'default';
}

/** What decides where servers are looked for, beside the options. */
export type Surroundings = Pick<Session, 'config' | 'installation'>;

/** A folder that was named is seen from where the user stands; the default is the checkout's, wherever that is. */
export function dataDirOf({ config, installation }: Surroundings, options: ServerOptions): string {
  const named = options.dataDir ?? config.dataDir;
  return named === undefined ? join(installation.root, '.nexus') : resolve(named);
}

/**
 * The flag first, then the environment, then the stack that runs on this machine's data directory, then the default.
 * @throws NexusError `invalid_argument` for a flag that is no address
 */
export async function serverAddress(
  surroundings: Surroundings,
  options: ServerOptions,
): Promise<ServerAddress> {
  const { config } = surroundings;
  if (options.nats !== undefined) return { servers: readServers(options.nats), origin: 'flag' };
  if (config.natsNamed) return { servers: config.natsServers, origin: 'environment' };
  const stack = await DataDirLock.holder(dataDirOf(surroundings, options));
  if (stack?.natsUrl !== undefined) return { servers: [stack.natsUrl], origin: 'stack' };
  return { servers: config.natsServers, origin: 'default' };
}

/** Several of one cluster are divided by commas; the scheme may be left out. */
function readServers(text: string): string[] {
  const servers = text.split(',').map((part) => {
    const url = part.trim();
    return url.includes('://') ? url : `nats://${url}`;
  });
  if (servers.every(isServer)) return servers;
  throw new NexusError('invalid_argument', '--nats: write it as nats://host:port or tls://host:port');
}

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ['nats:', 'tls:'].includes(protocol) && hostname !== '';
}
