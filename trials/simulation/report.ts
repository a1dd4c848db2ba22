import { type Coverage, type PlannedStep, type SimulationResult } from '@nexus/testing';
import { type SeedsReport } from './run-seeds.js';
import { type SubjectName } from './subjects.js';

/** As on the command line: Raft is what is simulated when nothing is named. */
const commandOf = (subject: SubjectName): string =>
  `npm run sim --${subject === 'raft' ? '' : ` ${subject}`}`;

export function seedsText(
  { seeds, violations, events, virtualMs, coverage }: SeedsReport,
  tookMs: number,
): string {
  const hours = (virtualMs / 3_600_000).toFixed(2);
  return [
    coverageText(coverage),
    '',
    `${seeds} seeds, ${events} events, ${hours} hours of simulated time in ${(tookMs / 1_000).toFixed(0)} s: ${
      violations.length === 0 ? 'no promise was broken' : `${violations.length} broke a promise`
    }`,
  ].join('\n');
}

/** What a broken promise is, and how to see it again. */
export function violationText(
  subject: SubjectName,
  { seed, violation }: Pick<SimulationResult, 'seed' | 'violation'>,
  shrunk: readonly PlannedStep[] | null,
): string {
  if (!violation) return '';
  const steps = shrunk?.map(({ number }) => number).join(',');
  return [
    `seed ${seed}, at ${violation.atMs.toFixed(2)} ms: ${violation.invariant}`,
    `  ${violation.detail}`,
    ...(shrunk === null ? [] : scheduleLines(shrunk)),
    `  again: ${commandOf(subject)} --seed ${seed}${steps === undefined ? '' : ` --steps '${steps}'`} --trace`,
  ].join('\n');
}

export function scheduleLines(steps: readonly PlannedStep[]): string[] {
  return steps.length === 0 ? ['  without any fault of its schedule'] : steps.map(({ text }) => `  ${text}`);
}

function coverageText(coverage: Coverage): string {
  const entries = Object.entries(coverage.toObject());
  const width = Math.max(...entries.map(([kind]) => kind.length));
  return entries.map(([kind, times]) => `${kind.padEnd(width)} ${String(times).padStart(9)}`).join('\n');
}
