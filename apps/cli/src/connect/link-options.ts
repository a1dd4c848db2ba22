import { type Command } from 'commander';
import { readToken } from '../reading/token.js';

/** Adds the options by which a command finds its server and speaks to programs. */
export const addLinkOptions = (command: Command): Command =>
  command
    .option('--nats <url>', 'NATS server (default: NEXUS_NATS_URL, a stack that runs here, 127.0.0.1:4222)')
    .option('--prefix <token>', 'first token of every subject (default: NEXUS_PREFIX, nexus)', readToken)
    .option(
      '--data-dir <dir>',
      'where a running stack is looked for (default: NEXUS_DATA_DIR, .nexus of this checkout)',
    )
    .option('--json', 'print JSON for programs', false);
