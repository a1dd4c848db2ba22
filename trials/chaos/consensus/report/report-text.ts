import { formatDuration, renderTable } from '@nexus/platform/terminal';
import { type Judgement, type Linearizability } from '../verdict/verdict.js';
import { type LeaderKilled } from './leader-killed.js';
import { type QuietReport, type Report } from './report.js';
import { type Times } from '../../times.js';

const linesMax = 20;

/** Whether there is anything to say of histories: not under a full load, or none, nor of every scenario. */
const hasHistory = ({ operations }: Report): boolean => operations.recorded > 0;

/** The report for people. */
export function reportText(report: Report): string {
  const { rounds, quiet, scenario, seed, replicas, tookMs } = report;
  const what = quiet
    ? `${formatDuration(quiet.durationMs)} without faults, load ${quiet.load}`
    : (scenario?.name ?? `${rounds.length} rounds`);
  const parts = [
    `${what} on ${replicas} replicas, seed ${seed}, in ${formatDuration(tookMs)}`,
    rounds.length > 0 ? timesText(report) : '',
    report.leaderKilled ? failoverText(report.leaderKilled) : '',
    scenario ? scenarioText(scenario.facts, scenario.violations) : '',
    figuresText(report),
    report.judgement ? judgementText(report.judgement, hasHistory(report)) : '',
    verdictText(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function timesText({ rounds, failover, back }: Report): string {
  const rows = Object.entries(failover).map(([kind, times]) => [
    kind,
    times.count,
    ...columns(times),
    ...columns(back[kind]!),
    rounds
      .filter((round) => round.kind === kind)
      .reduce((sum, { termBefore, termAfter }) => sum + termAfter - termBefore, 0),
  ]);
  const head = ['fault', 'rounds', ...['next ack p50', 'p99', 'max', 'back p50', 'p99', 'max'], 'terms'];
  return renderTable({ head, rows, right: head.map((_, column) => column).slice(1) });
}

const columns = ({ p50Ms, p99Ms, maxMs }: Times) => [p50Ms, p99Ms, maxMs].map(formatDuration);

/** In whole milliseconds, as the goal is told. */
const failoverText = ({ p50Ms, p99Ms, count, goal }: LeaderKilled) =>
  `failover after kill leader: p50 ${Math.round(p50Ms)} ms (goal ≤ ${goal.p50Ms} ms), ` +
  `p99 ${Math.round(p99Ms)} ms (goal ≤ ${goal.p99Ms / 1_000} s), n = ${count}`;

/** The last line: what was found, or else what was shown, and no more than that. */
function verdictText(report: Report): string {
  const { quiet, scenario, falseElections, objections } = report;
  if (objections.length > 0) return `verdict: VIOLATED: ${objections.join('; ')}`;
  const calm = quiet ? [`calm: ${falseElections} elections`] : [];
  const played = scenario ? ['the scenario saw no violation'] : [];
  const shown = hasHistory(report)
    ? 'nothing acknowledged was lost, every history is linearizable'
    : 'no history was judged';
  return `verdict: ${[...calm, ...played, shown].join('; ')}`;
}

function scenarioText(facts: Readonly<Record<string, number>>, violations: readonly string[]): string {
  const lines = Object.entries(facts).map(([what, count]) => `${what}: ${count}`);
  return [...lines, ...violations.map((violation) => `VIOLATION: ${violation}`)].join('\n');
}

function figuresText({ terms, falseElections, operations, ownDelay, quiet }: Report): string {
  const errors = Object.entries(operations.errors).map(([code, count]) => `${code} ${count}`);
  const lines = [
    `terms ${terms.first} to ${terms.last}; elections while nothing was broken: ${falseElections}`,
    `${operations.recorded} operations recorded, ${operations.unknown} with an unknown outcome; errors: ${errors.join(', ') || 'none'}`,
    ...(quiet ? quietLines(quiet) : []),
    `this process was late by ${formatDuration(ownDelay.p99Ms)} (p99), ${formatDuration(ownDelay.maxMs)} (max)`,
  ];
  return lines.join('\n');
}

function quietLines(quiet: QuietReport): string[] {
  const { load, committed, failed, durationMs, longestStallMs, flushes } = quiet;
  const stalls = Object.entries(longestStallMs).map(([id, ms]) => `${id} ${formatDuration(ms)}`);
  const rate = Math.round(committed / (durationMs / 1_000));
  const [p50, p99, max] = columns(flushes);
  return [
    ...(load === 'full' ? [`${rate} commits/s by the full load, ${failed} failed`] : []),
    `longest stall of an event loop: ${stalls.join(', ')}`,
    `a flush on the disk of the logs: p50 ${p50}, p99 ${p99}, max ${max}, n = ${flushes.count}`,
  ];
}

/** Of histories only where there are any. */
function judgementText(judgement: Judgement, withHistory: boolean): string {
  const { acknowledged, keys, lost, linearizability, outOfOrder, stateDifferences, logs } = judgement;
  const history = [
    `acknowledged decisions lost: ${lost.length} of ${acknowledged}`,
    ...some(lost),
    `histories: ${linearizabilityText(linearizability)}`,
    `acknowledged out of order, or in a term that was over: ${outOfOrder}`,
    `keys that a replica has otherwise: ${stateDifferences.length} of ${keys}`,
    ...some(stateDifferences),
  ];
  const lines = [
    ...(withHistory ? history : []),
    `log entries that differ between replicas: ${logs.differences.length} of ${logs.compared}`,
    ...some(logs.differences),
  ];
  return lines.join('\n');
}

const some = (found: readonly object[]) =>
  found.slice(0, linesMax).map((each) => `  ${JSON.stringify(each)}`);

function linearizabilityText(verdict: Linearizability): string {
  switch (verdict.kind) {
    case 'linearizable':
      return `linearizable (${verdict.operations} operations on ${verdict.objects} keys)`;
    case 'undecided':
      return `undecided within the bound for ${verdict.objects.join(', ')}`;
    case 'violation':
      return `NOT linearizable; no order explains\n${verdict.window.map((line) => `  ${line}`).join('\n')}`;
  }
}
