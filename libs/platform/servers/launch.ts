import { join } from 'node:path';
import { assertNever } from '@nexus/core/invariant';
import type { ServerKind } from './kind.js';
import { loopback } from './ports.js';
import { libraryVariables, type Program } from './provision.js';

export interface LaunchOptions {
  readonly kind: ServerKind;
  readonly port: number;
  /** Data directory of the whole installation; the server gets the folder of its kind in it. */
  readonly dataDir: string;
  /** Folder that holds `nats/nats.conf` and `redis/redis.conf`. */
  readonly infraDir: string;
  /** Unique name of this server; NATS reports it, a container carries it. */
  readonly name: string;
}

/** A command line that runs a server in the foreground. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const containerPorts: Readonly<Record<ServerKind, number>> = { nats: 4222, redis: 6379 };
const dataFolder = '/data';

/** The folder in which a server of this kind keeps its data. */
export const storeDir = (dataDir: string, kind: ServerKind) => join(dataDir, kind);

export function launchOf(program: Program, options: LaunchOptions): Launch {
  const store = storeDir(options.dataDir, options.kind);
  const conf = join(options.infraDir, options.kind, `${options.kind}.conf`);
  switch (program.kind) {
    case 'binary':
      return {
        command: program.binary.path,
        args: serverArguments(options, { conf, store, host: loopback, port: options.port }),
        variables: libraryVariables(program.binary),
      };
    case 'docker':
      return {
        command: program.docker,
        args: [...dockerArguments(options, { conf, store }), program.image, ...containerCommand(options)],
        variables: {},
      };
    default:
      return assertNever(program);
  }
}

interface Place {
  readonly conf: string;
  readonly store: string;
  readonly host: string;
  readonly port: number;
}

function serverArguments({ kind, name }: LaunchOptions, { conf, store, host, port }: Place): string[] {
  switch (kind) {
    case 'nats':
      return ['-c', conf, '-a', host, '-p', String(port), '-sd', store, '-n', name];
    case 'redis':
      // Without a process title of its own, the command line keeps naming the data directory, by which a later
      // start recognises a server that was left behind.
      return [conf, '--port', String(port), '--bind', host, '--dir', store, '--set-proc-title', 'no'];
    default:
      return assertNever(kind);
  }
}

/** In the foreground, so that signals to the client reach the container and its end is the client's end. */
function dockerArguments(options: LaunchOptions, { conf, store }: Pick<Place, 'conf' | 'store'>): string[] {
  const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return [
    ...['run', '--rm', '--init', '--name', options.name, '--user', owner],
    ...['-p', `${loopback}:${options.port}:${containerPorts[options.kind]}`],
    ...['-v', `${store}:${dataFolder}`, '-v', `${conf}:/etc/nexus.conf:ro`],
  ];
}

function containerCommand(options: LaunchOptions): string[] {
  const place = { conf: '/etc/nexus.conf', store: dataFolder, host: '0.0.0.0' };
  const args = serverArguments(options, { ...place, port: containerPorts[options.kind] });
  // The port is published on the loopback only; inside, the engine's proxy is the only neighbour.
  return options.kind === 'redis'
    ? ['redis-server', ...args, '--protected-mode', 'no']
    : ['nats-server', ...args];
}
