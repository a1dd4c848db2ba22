import { Argument, Command, Option } from 'commander';
import { sections } from './sections/sections.js';

export interface BenchOptions {
  readonly quick: boolean;
  readonly json: boolean;
  /** Print the tables as a document has them. */
  readonly markdown: boolean;
  /** A folder for `results.json` and `results.svg`; no files when unset. */
  readonly out?: string;
  /** A document whose block of results is replaced. */
  readonly document?: string;
  /** Names of sections; all when unset. */
  readonly only?: readonly string[];
}

const examples = `
Sections:
${sections.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

Examples:
  npm run bench                              everything, in some forty minutes
  npm run bench -- --quick                   everything roughly, in some five minutes
  npm run bench -- consensus                 one section
  npm run bench -- --only assignment memory  two
  npm run bench -- --out results             JSON and a chart as well
  npm run -s bench -- --json > bench.json    for programs; progress is on standard error

  BENCH_CPU_PROFILES=profiles npm run bench -- dispatch   where the time of every process went

consensus needs etcd on the PATH to be compared with it, and leaves it out otherwise.

It starts its own nats-server and redis-server on the loopback, on free ports, and Nexus' services, agents and
their counterparts by hand as a process each; all of them end with it. Contenders take turns, round after
round; a ratio compares rates of the same round with the first line of its table.`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): BenchOptions {
  const names = sections.map(({ name }) => name);
  const command = new Command('npm run bench --')
    .description(
      'Measures Nexus side by side with the NATS client alone and with its peers, on the same servers.',
    )
    .option('--quick', 'fewer and shorter rounds', false)
    .option('--json', 'print one JSON object instead of tables', false)
    .option('--markdown', 'print Markdown instead of tables', false)
    .option('--out <folder>', 'also write results.json and a chart, results.svg, there')
    .option('--document <file>', 'also replace its block from <!-- results --> to <!-- /results -->')
    .addOption(new Option('--only <section...>', 'these sections').choices(names))
    .addArgument(new Argument('[section...]', 'the same').choices(names))
    .addHelpText('after', examples)
    .parse([...argv]);
  const options = command.opts<BenchOptions>();
  const only = [...(options.only ?? []), ...command.args];
  return only.length > 0 ? { ...options, only } : options;
}
