import { startFleet } from './fleet.js';
import { fleetUsage, readFleetConfig } from './main.config.js';

const log = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const config = readFleetConfig(process.argv.slice(2));
  if (!config) {
    log(fleetUsage);
    return;
  }
  const fleet = await startFleet({ ...config, log });
  log(`fleet of ${config.count} ready on ${config.natsUrl}; Ctrl-C to stop`);
  const stop = () => void fleet.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
