import { parseArgs } from 'node:util';

/** What one agent process of the sample fleet is told, by flags; the environment fills what they leave out. */
export interface FleetAgentConfig {
  readonly agentId: string;
  readonly natsUrl: string;
  readonly prefix: string;
  /** Only files below this directory are read. */
  readonly root: string;
  readonly groups: readonly string[];
  /** Extra latency of every task, in milliseconds, so that agents differ as machines do. Default 0. */
  readonly slownessMs: number;
  /** Messages worked on at once. Default 4. */
  readonly concurrency: number;
  /** Where traces go (OTLP/HTTP); nothing is recorded without. */
  readonly otlpEndpoint: string | undefined;
}

export const agentUsage = `usage: agent --id <agentId> --root <directory> [options]

  --id <agentId>         its name in the fleet                      (NEXUS_AGENT_ID)
  --root <directory>     only files below it are read               (NEXUS_FLEET_ROOT)
  --nats <url>           default nats://127.0.0.1:4222              (NEXUS_NATS_URL)
  --prefix <token>       first token of every subject, default nexus (NEXUS_PREFIX)
  --group <name>         a group to join; may be repeated, default workers
  --slowness-ms <n>      extra latency of every task, default 0
  --concurrency <n>      messages worked on at once, default 4
  --help                 this text
`;

/**
 * Reads the configuration; undefined when help is asked for.
 * @throws Error naming the flag that is wrong
 */
export function readAgentConfig(argv: readonly string[]): FleetAgentConfig | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      id: { type: 'string', default: process.env['NEXUS_AGENT_ID'] ?? '' },
      root: { type: 'string', default: process.env['NEXUS_FLEET_ROOT'] ?? '' },
      nats: { type: 'string', default: process.env['NEXUS_NATS_URL'] ?? 'nats://127.0.0.1:4222' },
      prefix: { type: 'string', default: process.env['NEXUS_PREFIX'] ?? 'nexus' },
      group: { type: 'string', multiple: true, default: ['workers'] },
      'slowness-ms': { type: 'string', default: '0' },
      concurrency: { type: 'string', default: '4' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return Object.freeze({
    agentId: named('id', values.id),
    root: named('root', values.root),
    natsUrl: values.nats,
    prefix: values.prefix,
    groups: values.group,
    slownessMs: integer('slowness-ms', values['slowness-ms'], 0, 60_000),
    concurrency: integer('concurrency', values.concurrency, 1, 1_000),
    otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
  });
}

function named(flag: string, value: string): string {
  if (value === '') throw new Error(`--${flag} is missing`);
  return value;
}

/** @throws Error unless the text is a whole number within the bounds */
export function integer(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${flag}: a whole number from ${min} to ${max}`);
}
