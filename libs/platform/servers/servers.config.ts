import type { ServerKind } from './kind.js';

/** What the environment says about where server programs are. */
export interface ServersEnvironment {
  /** Folders to search, as in `PATH`. */
  readonly path: string;
  /** Programs named outright: `NEXUS_NATS_SERVER_BIN`, `NEXUS_REDIS_SERVER_BIN`. */
  readonly binaries: Readonly<Partial<Record<ServerKind, string>>>;
}

export function readServersEnvironment(env: NodeJS.ProcessEnv = process.env): ServersEnvironment {
  const nats = env['NEXUS_NATS_SERVER_BIN'];
  const redis = env['NEXUS_REDIS_SERVER_BIN'];
  return {
    path: env['PATH'] ?? '',
    binaries: { ...(nats ? { nats } : {}), ...(redis ? { redis } : {}) },
  };
}

/** The environment of a child: ours, with some variables set. */
export function childEnvironment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}
