import { NexusError } from '@nexus/contracts';
import { readCommandLine } from './command-line.js';
import { loadStandaloneConfig } from './standalone.config.js';

try {
  const options = readCommandLine(process.argv);
  const config = loadStandaloneConfig();
  // All services are behind it: who mistyped an option need not wait for them to be loaded.
  const { up } = await import('./up.js');
  const code = await up(options, config);
  // A pipe takes so much at once; the rest would be lost with the process.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(code);
} catch (error) {
  process.stderr.write(`nexus: ${error instanceof NexusError ? error.message : String(error)}\n`);
  process.exit(1);
}
