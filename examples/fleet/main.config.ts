import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { integer, readFleetEnvironment } from './agent.config.js';
import { type FleetOptions } from './fleet.js';

export const fleetUsage = `usage: node dist/examples/fleet/main.js [options]

Starts a fleet of agents, each a process of its own, and keeps it until Ctrl-C.

  --count <n>        how many, default 12
  --nats <url>       default nats://127.0.0.1:4222               (NEXUS_NATS_URL)
  --prefix <token>   first token of every subject, default nexus (NEXUS_PREFIX)
  --root <directory> the directory whose files they may read, default the current one
  --help             this text

example: node dist/examples/fleet/main.js --count 12 --root ./docs
`;

/**
 * Reads the flags; undefined when help is asked for.
 * @throws Error naming the flag that is wrong
 */
export function readFleetConfig(argv: readonly string[]): (FleetOptions & { count: number }) | undefined {
  const env = readFleetEnvironment();
  const { values } = parseArgs({
    args: [...argv],
    options: {
      count: { type: 'string', default: '12' },
      nats: { type: 'string', default: env.natsUrl },
      prefix: { type: 'string', default: env.prefix },
      root: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    count: integer('count', values.count, 1, 1_000),
    natsUrl: values.nats,
    prefix: values.prefix,
    root: resolve(values.root),
  };
}
