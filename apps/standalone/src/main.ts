import { NexusError } from '@nexus/contracts';
import { readCommandLine } from './command-line.js';
import { loadStandaloneConfig } from './standalone.config.js';
import { up } from './up.js';

try {
  const code = await up(readCommandLine(process.argv), loadStandaloneConfig());
  // A pipe takes so much at once; the rest would be lost with the process.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(code);
} catch (error) {
  process.stderr.write(`nexus: ${error instanceof NexusError ? error.message : String(error)}\n`);
  process.exit(1);
}
