import { inRoot } from './project.mjs';

/** Makes sure that both server programs can be run, save those that the environment names as running already. */
export async function ensureServers() {
  const { provision, provisionOptions } = await import(inRoot('dist/libs/platform/servers/index.js'));
  const options = provisionOptions({
    infraDir: inRoot('infra'),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const wanted = [
    ...(process.env.NEXUS_NATS_URL ? [] : ['nats']),
    ...(process.env.NEXUS_REDIS_URL ? [] : ['redis']),
  ];
  // One after the other: both may refresh the package lists.
  for (const kind of wanted) await provision(kind, options);
}
