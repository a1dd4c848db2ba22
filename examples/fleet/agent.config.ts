import { parseArgs } from 'node:util';
import { loadConfig, serviceFields, textField } from '@nexus/platform/config';

/** What the environment may say instead of flags. */
export const fleetFields = {
  agentId: textField('NEXUS_AGENT_ID', { means: 'The name of an agent in the fleet.' }),
  root: textField('NEXUS_FLEET_ROOT', { means: 'The directory whose files an agent may read.' }),
  natsServers: serviceFields.natsServers,
  prefix: serviceFields.prefix,
  otlpEndpoint: serviceFields.otlpEndpoint,
};

/** @throws NexusError `invalid_argument` naming every faulty variable */
export function readFleetEnvironment(env = process.env) {
  const { natsServers, ...rest } = loadConfig({ service: 'the sample fleet', fields: fleetFields, env });
  return { ...rest, natsUrl: natsServers.join(',') };
}

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
  const env = readFleetEnvironment();
  const { values } = parseArgs({
    args: [...argv],
    options: {
      id: { type: 'string', default: env.agentId ?? '' },
      root: { type: 'string', default: env.root ?? '' },
      nats: { type: 'string', default: env.natsUrl },
      prefix: { type: 'string', default: env.prefix },
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
    otlpEndpoint: env.otlpEndpoint,
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
