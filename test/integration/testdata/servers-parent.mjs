// Starts both servers from the build, prints their pids as JSON, and stays until it is killed.
import { startServers } from '../../../dist/libs/platform/servers/index.js';
import { infraDir } from '../../../dist/libs/testing/servers.js';

const servers = await startServers({
  dataDir: process.argv[2],
  infraDir: infraDir(),
  ports: { nats: 0, redis: 0 },
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify([servers.nats.process.pid, servers.redis.process.pid])}\n`);
setInterval(() => undefined, 60_000);
