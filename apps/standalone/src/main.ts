import { NexusError } from '@nexus/contracts';
import { readCommandLine } from './command-line.js';
import { loadStandaloneConfig } from './standalone.config.js';
import { up } from './up.js';

try {
  process.exit(await up(readCommandLine(process.argv), loadStandaloneConfig()));
} catch (error) {
  process.stderr.write(`nexus: ${error instanceof NexusError ? error.message : String(error)}\n`);
  process.exit(1);
}
