/** The two servers that Nexus stands on. */
export type ServerKind = 'nats' | 'redis';

export interface ServerTraits {
  readonly binary: string;
  readonly defaultPort: number;
  /** Debian's and Ubuntu's packages that hold the binary. */
  readonly debianPackages: readonly string[];
  readonly brewFormula: string;
  readonly dockerImage: string;
  /** Names a binary. */
  readonly binaryVariable: string;
  /** Names a running server to use instead. */
  readonly urlVariable: string;
}

export const serverTraits: Readonly<Record<ServerKind, ServerTraits>> = {
  nats: {
    binary: 'nats-server',
    defaultPort: 4222,
    debianPackages: ['nats-server'],
    brewFormula: 'nats-server',
    dockerImage: 'nats:2.11-alpine',
    binaryVariable: 'NEXUS_NATS_SERVER_BIN',
    urlVariable: 'NEXUS_NATS_URL',
  },
  redis: {
    binary: 'redis-server',
    defaultPort: 6379,
    // Debian keeps the program itself in redis-tools; redis-server holds the link and the service.
    debianPackages: ['redis-server', 'redis-tools'],
    brewFormula: 'redis',
    dockerImage: 'redis:8-alpine',
    binaryVariable: 'NEXUS_REDIS_SERVER_BIN',
    urlVariable: 'NEXUS_REDIS_URL',
  },
};

/** Receives progress, one line at a time, without the line break. */
export type Log = (line: string) => void;
