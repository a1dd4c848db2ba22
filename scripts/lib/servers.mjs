import { inRoot, load } from './project.mjs';

/** Makes sure that both server programs can be run, save those that the environment names as running already. */
export async function ensureServers() {
  const { provision, provisionOptions } = await load('dist/libs/platform/servers/index.js');
  const options = provisionOptions({
    infraDir: inRoot('infra'),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const wanted = [
    ...(process.env.NEXUS_NATS_URL ? [] : ['nats']),
    ...(process.env.NEXUS_REDIS_URL ? [] : ['redis']),
  ];
  const missing = [];
  // One after the other: both may refresh the package lists. Both are tried, so that all that is missing is named.
  for (const kind of wanted) await provision(kind, options).catch(({ message }) => missing.push(message));
  if (missing.length > 0) throw new Error(missing.join('\n'));
}
