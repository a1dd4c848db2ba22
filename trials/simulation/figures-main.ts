import { Command, InvalidArgumentError, Option } from 'commander';
import { count, positive } from './command-line.js';
import { type FiguresOptions, measureFigures, parts } from './gossip/figures.js';
import { Progress } from './gossip/progress.js';
import { figuresText, shortcomings } from './gossip/report.js';

const examples = `
Exit code 1 when a goal is missed: an update that does not reach everybody within ⌈log2 N⌉ + 3 rounds at p99 (twice
that with loss), a round beyond its budget of bytes, a death that is not noticed within 20 rounds, a false death, a
partition that leaves a trace.

Examples:
  npm run sim -- figures                                        10, 50 and 100 members; some minutes
  npm run sim -- figures --nodes 1000 --only spread push        a thousand; some 20 minutes, and 2 gigabytes
  npm run sim -- figures --nodes 1000 --loss 0 --only deaths healing
  npm run sim -- figures --only endurance --minutes 30
  npm run -s sim -- figures --nodes 10 --seeds 1 2 3 --json`;

interface RawOptions extends Omit<FiguresOptions, 'progress' | 'losses' | 'parts'> {
  readonly loss: readonly number[];
  readonly only: FiguresOptions['parts'];
  readonly json: boolean;
}

const several =
  (read: (text: string) => number, first: number[]) =>
  (text: string, before: number[]): number[] =>
    before === first ? [read(text)] : [...before, read(text)];

const someNodes = [10, 50, 100];
const someLosses = [0, 0.2];
const oneSeed = [1];

const { json, loss, only, ...options } = new Command('npm run sim -- figures')
  .description('Measures how fast gossip spreads, what it costs, and what it notices.')
  .option('--nodes <count...>', 'members', several(positive, someNodes), someNodes)
  .option('--loss <share...>', 'of the messages, lost', several(share, someLosses), someLosses)
  .option('--seeds <seed...>', 'seeds', several(count, oneSeed), oneSeed)
  .option('--updates <count>', 'updates whose spread is measured', positive, 100)
  .option('--minutes <count>', 'how long nothing happens but loss', positive, 30)
  .addOption(new Option('--only <part...>', 'what is measured').choices(parts).default([...parts]))
  .option('--json', 'print one JSON object', false)
  .addHelpText('after', examples)
  .allowExcessArguments(false)
  .parse([...process.argv])
  .opts<RawOptions>();

const progress = new Progress();
const figures = measureFigures({
  ...options,
  losses: loss,
  parts: only,
  progress: (text) => progress.show(text),
});
progress.end();
const missed = shortcomings(figures);
process.stdout.write(json ? `${JSON.stringify({ ...figures, missed })}\n` : `${figuresText(figures)}\n`);
process.stderr.write(missed.length === 0 ? 'every goal is met\n' : `${missed.join('\n')}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;

function share(text: string): number {
  const value = Number(text);
  if (!/^0(\.\d+)?$/.test(text) || value > 0.9) throw new InvalidArgumentError('must be from 0 to 0.9');
  return value;
}
