import { Command, InvalidArgumentError } from 'commander';
import { type ProgramOptions } from '../as-program.js';
import { formatDuration } from '@nexus/platform/terminal';
import { count, readDurationMs } from '../reading.js';
import { judgedResidentMsMin, toldOfAfterMs } from './memory/growth.js';
import { growthMax } from './verdict/growing.js';

export interface MembershipOptions extends ProgramOptions {
  readonly services: number;
  readonly agents: number;
  readonly durationMs: number;
  /** Of all members, killed at once. */
  readonly killShare: number;
  /** Between two rounds of gossip. */
  readonly roundMs: number;
  readonly seed: number;
}

type RawOptions = Omit<MembershipOptions, 'durationMs' | 'killShare' | 'roundMs' | 'report'> &
  Readonly<Record<'duration' | 'kill' | 'round', number>> & { readonly report?: string };

const servicesMax = 40;
const agentsMax = 500;
const seedMax = 2 ** 32 - 1;
const durationMsDefault = 300_000;
const roundMsDefault = 1_000;

const examples = `
Every service and every agent is a process of its own, and a member of the gossip. Again and again some are killed
(SIGKILL), at random but so that each service is still served: half of them are back within seconds, the others stay away
for longer than it may take to be noticed. Meanwhile agents are asked, told numbers in causal order, and decisions are
committed.

Exit code 0 when every survivor learned of each death and each new life within its bound, nobody was held for dead who
lived, nor for alive again in a life that had ended, all agreed in the end, requests failed only for a kill, broadcasts
were delivered once and in order, and no memory grew; 1 when not, or when there was nothing to judge; 130 when interrupted.

Memory is judged of processes that lasted for 90 seconds of warm-up and as long again: what they hold after full
collections (heap and buffers) must not surely grow by more than ${growthMax.life.held} MB a minute, nor by more than ${growthMax.role.held} MB for all processes of a
role taken together. RSS rises for minutes after a start: it is judged of processes that lasted for
${formatDuration(judgedResidentMsMin)} after their warm-up, and has looser bounds, ${growthMax.life.resident} and ${growthMax.role.resident} MB. A run shorter than ${formatDuration(toldOfAfterMs)}
may have no process to judge; from then on one without any fails.

Examples:
  nexus chaos membership
  nexus chaos membership --duration 30s --services 4 --agents 8
  nexus chaos membership --kill 0.2 --seed 7 --report membership.json`;

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readCommandLine(argv: readonly string[]): MembershipOptions {
  const command = new Command('nexus chaos membership')
    .description('Kills services and agents again and again, and judges what the others believe of them.')
    .option('--services <n>', 'services, each a process', count(4, servicesMax), 12)
    .option('--agents <n>', 'agents, each a process', count(1, agentsMax), 50)
    .option(
      '--duration <time>',
      'how long members are killed, as 30s or 5m',
      readDurationMs,
      durationMsDefault,
    )
    .option('--kill <share>', 'of all members, killed at once', readShare, 0.1)
    .option('--round <ms>', 'between two rounds of gossip', count(50, 60_000), roundMsDefault)
    .option('--seed <n>', 'chooses the victims; the same seed chooses the same', count(0, seedMax), 1)
    .option('--json', 'print the report as JSON; progress is on standard error', false)
    .option('--report <file>', 'also write the report as JSON to this file')
    .option('--keep', 'keep logs and data of the members', false)
    .addHelpText('after', examples)
    .parse([...argv]);
  const { duration, kill, round, report = null, ...options } = command.opts<RawOptions>();
  return { ...options, durationMs: duration, killShare: kill, roundMs: round, report };
}

function readShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share <= 0.5) return share;
  throw new InvalidArgumentError('must be a share above 0, and at most 0.5.');
}
