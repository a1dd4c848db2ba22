import { type ConfigOf, loadConfig, serviceFields, textField, urlField } from '@nexus/platform/config';

export const cliFields = {
  natsServers: serviceFields.natsServers,
  natsUser: serviceFields.natsUser,
  natsPassword: serviceFields.natsPassword,
  prefix: serviceFields.prefix,
  redisUrl: urlField('NEXUS_REDIS_URL', {
    means: 'The Redis server that `doctor` looks at.',
    schemes: ['redis:', 'rediss:'],
  }),
  dataDir: textField('NEXUS_DATA_DIR', {
    means:
      'Where a running stack keeps its data and says where its servers are; `.nexus` of the checkout when unset.',
  }),
  otlpEndpoint: serviceFields.otlpEndpoint,
  traceRatio: serviceFields.traceRatio,
};

export interface CliConfig extends ConfigOf<typeof cliFields> {
  /** Whether the environment names the NATS server; else a running stack is looked for first. */
  readonly natsNamed: boolean;
}

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadCliConfig = (env: NodeJS.ProcessEnv = process.env): CliConfig => ({
  ...loadConfig({ service: 'the command line', fields: cliFields, env }),
  natsNamed: (env['NEXUS_NATS_URL'] ?? '').trim() !== '',
});

/** The environment of a program that is run with libraries of its own. */
export const environmentWith = (libraryPath: string | undefined, env = process.env): NodeJS.ProcessEnv => ({
  ...env,
  ...(libraryPath !== undefined && { LD_LIBRARY_PATH: libraryPath }),
});
