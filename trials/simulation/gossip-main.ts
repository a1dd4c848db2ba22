import { GossipMember } from '@nexus/core/gossip';
import { Command, InvalidArgumentError } from 'commander';
import { count } from './command-line.js';
import { type DeathsReport, measureDeaths } from './gossip/deaths.js';
import { deathRoundsGoal, roundsGoal } from './gossip/goal.js';
import { type HealingReport, measureHealing } from './gossip/healing.js';
import { MeasuredCluster, settings } from './gossip/measured-cluster.js';
import { plot } from './gossip/plot.js';
import { Progress } from './gossip/progress.js';
import { measureSpread, type SpreadReport } from './gossip/spread.js';

// `nexus simulate gossip`: the gossip of the services, played in virtual time, with a plot of how it converges.

interface Options {
  readonly nodes: number;
  readonly loss: number;
  readonly seed: number;
  readonly rounds: number;
  readonly json: boolean;
}

const nodesMax = 1_000;
/** Larger clusters are shown how they spread, and nothing else: the rest takes minutes. */
const allPhasesNodesMax = 200;

const examples = `
The members are those that the services run; time, network and clocks are simulated, and the seed decides them.

Exit code 0 when the updates reached everybody within the goal, the death was noticed within 20 rounds, and all knew the
same after the partition; else 1.

Examples:
  nexus simulate gossip
  nexus simulate gossip --nodes 100 --loss 0.2 --seed 7
  nexus simulate gossip --nodes 1000 --loss 0
  nexus simulate gossip --nodes 20 --json`;

try {
  const isGood = simulate(readOptions(process.argv));
  // A pipe takes so much at once; the rest would be lost with the process.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(isGood ? 0 : 1);
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** @returns whether all goals were met */
function simulate(options: Options): boolean {
  const { nodes, loss, seed, rounds, json } = options;
  const progress = new Progress();
  const measured = new MeasuredCluster({ nodes, loss, seed, member: GossipMember });
  progress.show(`${nodes} members find each other`);
  const formedAfterRounds = measured.form(rounds);
  if (formedAfterRounds === null)
    throw new Error(`${nodes} members do not find each other within ${rounds} rounds`);
  const spread = measureSpread(measured, {
    ...{ updates: 20, updatesPerRound: 2, urgent: false, roundsMax: 2 * roundsGoal(nodes, loss) },
    progress: (text) => progress.show(`updates spread, ${text}`),
  });
  const isSmall = nodes <= allPhasesNodesMax;
  progress.show('halves apart');
  const healing = isSmall ? measureHealing(measured, 15, rounds) : null;
  progress.show('one dies');
  const death = isSmall ? measureDeaths(measured, 1, 2 * deathRoundsGoal) : null;
  progress.end();
  const report = { ...options, formedAfterRounds, goal: roundsGoal(nodes, loss), spread, healing, death };
  const missed = missedBy(report);
  print(json ? JSON.stringify({ ...report, missed }) : text(report, missed));
  return missed.length === 0;
}

interface Report extends Options {
  readonly formedAfterRounds: number;
  readonly goal: number;
  readonly spread: SpreadReport;
  readonly healing: HealingReport | null;
  readonly death: DeathsReport | null;
}

function missedBy({ goal, spread, healing, death }: Report): string[] {
  const lines: [boolean, string][] = [
    [spread.lost > 0, `${spread.lost} updates did not reach everybody`],
    [spread.max > goal, `an update took ${spread.max.toFixed(1)} rounds, the goal is ${goal}`],
    [spread.bytes.max > settings.roundBytesMax, `a round took ${spread.bytes.max} bytes`],
    [healing?.convergedAfterRounds === null, 'the halves did not come together again'],
    [(death?.missed ?? 0) > 0, `${death?.missed ?? 0} members did not notice the death`],
    [
      (death?.max ?? 0) > deathRoundsGoal,
      `the death was noticed after ${death?.max.toFixed(1) ?? ''} rounds`,
    ],
    [(death?.falseDeaths ?? 0) > 0, `${death?.falseDeaths ?? 0} members were called dead that were not`],
  ];
  return lines.flatMap(([isMissed, line]) => (isMissed ? [line] : []));
}

function text(report: Report, missed: readonly string[]): string {
  const { nodes, loss, seed, formedAfterRounds, goal, spread, healing, death } = report;
  const { bytes } = spread;
  return [
    `${nodes} members, ${(100 * loss).toFixed(0)} % loss, seed ${seed}: found each other within ${formedAfterRounds} rounds of a second`,
    '',
    ...plot(
      `${spread.updates} updates spread: the share of the members that know, on average`,
      spread.shares,
    ),
    `  all know: p50 ${spread.p50.toFixed(1)}, p99 ${spread.p99.toFixed(1)}, max ${spread.max.toFixed(1)} rounds; the goal is ${goal}`,
    `  a member sends ${Math.round(bytes.mean)} bytes a round, ${bytes.max} at most, of ${settings.roundBytesMax} that it may`,
    ...(healing === null ? [] : ['', ...healingLines(healing)]),
    ...(death === null ? [] : ['', ...deathLines(death)]),
    '',
    ...(missed.length === 0 ? ['every goal is met'] : missed),
  ].join('\n');
}

function healingLines(healing: HealingReport): string[] {
  return [
    ...plot(
      `Two halves, ${healing.apartRounds} rounds apart, meet again: the share that knows all of everybody`,
      healing.shares,
    ),
    `  all know the same after ${healing.equalAfterRounds ?? '-'} rounds, and say so after ${healing.convergedAfterRounds ?? '-'}`,
  ];
}

function deathLines(death: DeathsReport): string[] {
  return [
    ...plot('A member dies: the share of the others that call it dead', death.shares),
    `  suspected first after ${death.firstSuspicionP50.toFixed(1)} rounds, called dead by all after ${death.max.toFixed(1)}`,
  ];
}

function readOptions(argv: readonly string[]): Options {
  return new Command('nexus simulate gossip')
    .description('Plays the gossip of many members in virtual time, and shows how it converges.')
    .option('--nodes <count>', `members, from 2 to ${nodesMax}`, within(2, nodesMax), 50)
    .option('--loss <share>', 'of the messages, lost, from 0 to 0.5', share, 0.1)
    .option('--seed <seed>', 'decides the network, the clocks and who talks to whom', count, 1)
    .option('--rounds <count>', 'given to each phase at most', within(10, 1_000), 200)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .parse([...argv])
    .opts<Options>();
}

function within(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = count(value);
    if (number < min || number > max) throw new InvalidArgumentError(`must be from ${min} to ${max}`);
    return number;
  };
}

function share(value: string): number {
  const number = Number(value);
  if (!/^(0|0?\.\d+)$/.test(value) || number > 0.5) throw new InvalidArgumentError('must be from 0 to 0.5');
  return number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
