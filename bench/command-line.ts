import { Argument, Command, Option } from 'commander';
import { sections } from './sections/sections.js';

export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  /** Names of sections; all when unset. */
  readonly only?: readonly string[];
}

const examples = `
Sections:
${sections.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

Examples:
  npm run bench                              everything, in about ten minutes
  npm run bench -- --quick                   everything roughly, in two minutes
  npm run bench -- consensus                 one section
  npm run bench -- --only assignment memory  two
  npm run -s bench -- --json > bench.json    for programs; progress is on standard error

consensus needs etcd on the PATH to be compared with it, and leaves it out otherwise.

It starts its own nats-server and redis-server on the loopback, on free ports, and Nexus' services, agents and
their counterparts by hand as a process each; all of them end with it. Contenders take turns, round after
round; a ratio compares rates of the same round with the first line of its table.`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): BenchOptions {
  const names = sections.map(({ name }) => name);
  const command = new Command('npm run bench --')
    .description('Measures Nexus side by side with the NATS client alone, on the same servers.')
    .option('--quick', 'fewer and shorter rounds', false)
    .option('--json', 'print one JSON object instead of tables', false)
    .addOption(new Option('--only <section...>', 'these sections').choices(names))
    .addArgument(new Argument('[section...]', 'the same').choices(names))
    .addHelpText('after', examples)
    .parse([...argv]);
  const options = command.opts<BenchOptions>();
  const only = [...(options.only ?? []), ...command.args];
  return only.length > 0 ? { ...options, only } : options;
}
