import { loadConfig, textField } from '@nexus/platform/config';
import type { ServerKind } from './kind.js';

/** Where server programs are, by the kind that they are of. */
export const serverFields = {
  nats: textField('NEXUS_NATS_SERVER_BIN', {
    means: 'The `nats-server` program to start; looked for when unset, on the PATH and in the usual folders.',
  }),
  redis: textField('NEXUS_REDIS_SERVER_BIN', {
    means:
      'The `redis-server` program to start; looked for when unset, on the PATH and in the usual folders.',
  }),
};

/** What the environment says about where server programs are. */
export interface ServersEnvironment {
  /** Folders to search, as in `PATH`. */
  readonly path: string;
  /** Programs named outright. */
  readonly binaries: Readonly<Partial<Record<ServerKind, string>>>;
}

/** @throws NexusError `invalid_argument` naming every faulty variable */
export function readServersEnvironment(env: NodeJS.ProcessEnv = process.env): ServersEnvironment {
  const { nats, redis } = loadConfig({ service: 'the servers', fields: serverFields, env });
  return {
    path: env['PATH'] ?? '',
    binaries: { ...(nats !== undefined && { nats }), ...(redis !== undefined && { redis }) },
  };
}

/** The environment of a child: ours, with some variables set. */
export function childEnvironment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}
