import { type DeathsReport } from './deaths.js';
import { type EnduranceReport } from './endurance.js';
import { deathRoundsGoal, roundsGoal } from './goal.js';
import { type HealingReport } from './healing.js';
import { type SpreadReport } from './spread.js';

interface Case {
  readonly nodes: number;
  readonly loss: number;
  readonly seed: number;
}

export interface SpreadRow extends Case, Omit<SpreadReport, 'shares'> {
  readonly protocol: 'gossip' | 'gossip, urgent' | 'plain push';
  /** Rounds until everybody had found everybody else; null for a protocol that is told. */
  readonly formedAfterRounds: number | null;
}
export interface DeathsRow extends Case, Omit<DeathsReport, 'shares'> {}
export interface HealingRow extends Case, Omit<HealingReport, 'shares'> {}
export interface EnduranceRow extends Case, EnduranceReport {}

export interface Figures {
  readonly roundBytesMax: number;
  readonly spread: readonly SpreadRow[];
  readonly deaths: readonly DeathsRow[];
  readonly healing: readonly HealingRow[];
  readonly endurance: readonly EnduranceRow[];
}

/** What is not as it is to be. */
export function shortcomings({ roundBytesMax, spread, deaths, healing, endurance }: Figures): string[] {
  const where = ({ nodes, loss, seed }: Case) => `${nodes} members, loss ${loss}, seed ${seed}`;
  return [
    ...spread.flatMap((row) => {
      if (row.protocol === 'plain push') return [];
      const goal = roundsGoal(row.nodes, row.loss);
      return [
        ...(row.lost > 0 ? [`${where(row)}: ${row.lost} updates did not reach everybody`] : []),
        ...(row.p99 > goal
          ? [`${where(row)}: ${row.p99.toFixed(1)} rounds at p99, the goal is ${goal}`]
          : []),
        ...(row.bytes.max > roundBytesMax ? [`${where(row)}: ${row.bytes.max} bytes in one round`] : []),
      ];
    }),
    ...deaths.flatMap((row) => [
      ...(row.missed > 0 ? [`${where(row)}: ${row.missed} never noticed a death`] : []),
      ...(row.falseDeaths > 0 ? [`${where(row)}: ${row.falseDeaths} were called dead that were not`] : []),
      ...(row.max > deathRoundsGoal
        ? [`${where(row)}: a death was noticed after ${row.max.toFixed(1)} rounds`]
        : []),
    ]),
    ...healing.flatMap((row) => [
      ...(row.convergedAfterRounds === null ? [`${where(row)}: did not converge after a partition`] : []),
      ...(row.falselyConverged > 0 ? [`${where(row)}: called converged while it was cut in two`] : []),
    ]),
    ...endurance.flatMap((row) =>
      row.falseDeaths > 0 ? [`${where(row)}: ${row.falseDeaths} false deaths in ${row.rounds} rounds`] : [],
    ),
  ];
}

export function figuresText(figures: Figures): string {
  const { spread, deaths, healing, endurance, roundBytesMax } = figures;
  return [
    ...section(
      `One update, until everybody knows it (rounds); bytes a member and round, of ${roundBytesMax} at most`,
      [
        [
          'protocol',
          'N',
          'loss',
          'seed',
          'updates',
          'p50',
          'p99',
          'max',
          'goal',
          'bytes mean',
          'bytes max',
          'messages',
          'formed',
        ],
        ...spread.map((row) => [
          ...[
            row.protocol,
            row.nodes,
            row.loss,
            row.seed,
            row.updates,
            round(row.p50),
            round(row.p99),
            round(row.max),
          ],
          ...[
            roundsGoal(row.nodes, row.loss),
            Math.round(row.bytes.mean),
            row.bytes.max,
            round(row.bytes.messagesPerRound),
          ],
          row.formedAfterRounds ?? '-',
        ]),
      ],
    ),
    ...section(`A death, until it is noticed (rounds; the goal is ${deathRoundsGoal})`, [
      ['N', 'loss', 'seed', 'deaths', 'first suspicion', 'p50', 'p99', 'max', 'missed', 'false deaths'],
      ...deaths.map((row) => [
        ...[row.nodes, row.loss, row.seed, row.deaths, round(row.firstSuspicionP50)],
        ...[round(row.p50), round(row.p99), round(row.max), row.missed, row.falseDeaths],
      ]),
    ]),
    ...section('A partition in halves, until all know the same again (rounds)', [
      ['N', 'loss', 'seed', 'apart', 'all equal', 'all say so', 'falsely said'],
      ...healing.map((row) => [
        ...[row.nodes, row.loss, row.seed, row.apartRounds],
        ...[row.equalAfterRounds ?? 'never', row.convergedAfterRounds ?? 'never', row.falselyConverged],
      ]),
    ]),
    ...section('Nothing but loss', [
      ['N', 'loss', 'seed', 'rounds', 'suspicions', 'false deaths', 'said to be converged'],
      ...endurance.map((row) => [
        ...[row.nodes, row.loss, row.seed, row.rounds, row.suspicions, row.falseDeaths],
        `${(100 * row.convergedShare).toFixed(1)} %`,
      ]),
    ]),
  ].join('\n');
}

const round = (value: number): string => value.toFixed(1);

function section(title: string, rows: readonly (readonly (string | number)[])[]): string[] {
  const [head = [], ...body] = rows;
  if (body.length === 0) return [];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row: readonly (string | number)[]) =>
    row.map((cell, at) => String(cell).padStart(widths[at]!)).join('  ');
  return [title, ...rows.map(line), ''];
}
