import { type Coverage, describeRaftStep, type SimulationResult } from '@nexus/testing';
import { type SeedsReport } from './run-seeds.js';

type Step = Parameters<typeof describeRaftStep>[0];

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
  { seed, violation }: Pick<SimulationResult, 'seed' | 'violation'>,
  shrunk: readonly Step[] | null,
): string {
  if (!violation) return '';
  const steps = shrunk?.map(({ number }) => number).join(',');
  return [
    `seed ${seed}, at ${violation.atMs.toFixed(2)} ms: ${violation.invariant}`,
    `  ${violation.detail}`,
    ...(shrunk === null ? [] : scheduleLines(shrunk)),
    `  again: npm run sim -- --seed ${seed}${steps === undefined ? '' : ` --steps '${steps}'`} --trace`,
  ].join('\n');
}

export function scheduleLines(steps: readonly Step[]): string[] {
  return steps.length === 0
    ? ['  without any fault of its schedule']
    : steps.map((step) => `  ${describeRaftStep(step)}`);
}

function coverageText(coverage: Coverage): string {
  const entries = Object.entries(coverage.toObject());
  const width = Math.max(...entries.map(([kind]) => kind.length));
  return entries.map(([kind, times]) => `${kind.padEnd(width)} ${String(times).padStart(9)}`).join('\n');
}
