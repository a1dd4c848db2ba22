import { formatDuration, renderTable } from '@nexus/platform/terminal';
import { zeroWithinMs } from '../verdict/objections.js';
import { type WorkReport } from './report.js';

const linesMax = 20;

/** The report for people. */
export function reportText(report: WorkReport): string {
  const { objections, accounts } = report;
  const parts = [
    headText(report),
    accountsText(report),
    flightText(report),
    outageText(report),
    numbersText(report),
    [...accounts.misaccounted, ...accounts.misrun].slice(0, linesMax).join('\n'),
    objections.length > 0
      ? `verdict: VIOLATED: ${objections.join('; ')}`
      : 'verdict: every unit was accounted for once, nothing stayed in flight, and no number was given out twice',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function headText({ accounts, agents, coordinators, parallel, kills, seed, tookMs, loadMs }: WorkReport) {
  const perSecond = Math.round((accounts.units / loadMs) * 1_000);
  return [
    `${accounts.units} units in ${accounts.requests} requests, ${parallel} at once, over ${coordinators} coordinators ` +
      `to ${agents} agents, seed ${seed}, in ${formatDuration(tookMs)}`,
    `${kills.length} agents killed in flight: ${kills.map(({ agentId }) => agentId).join(' ')}; ` +
      `${perSecond} units/s all the same`,
  ].join('\n');
}

function accountsText({ accounts, requests }: WorkReport): string {
  const { units, done, failed, runs, triedAgain, ranAgain, misaccounted, misrun, refused } = accounts;
  const rows = [
    ['units asked for', units],
    ['done', done],
    ...Object.entries(failed).map(([code, count]) => [`failed: ${code}`, count]),
    ['results missing, strange or twice', misaccounted.length],
    ['tried at more than one agent', triedAgain],
    ['begun by more than one agent', ranAgain],
    ['begun, over all agents', runs],
    ['run otherwise than the result says', misrun.length],
  ];
  const refusals = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  const { p50Ms, p99Ms, maxMs } = requests;
  const [p50, p99, max] = [p50Ms, p99Ms, maxMs].map(formatDuration);
  return [
    renderTable({ head: ['what became of the work', 'units'], rows, right: [1] }),
    `requests took ${p50} (p50), ${p99} (p99), ${max} (max); refused as a whole: ${refusals.join(', ') || 'none'}`,
  ].join('\n');
}

function flightText({ flight, onlySurvivorsAfterMs }: WorkReport): string {
  const { atEnd, zeroAfterMs, inFlightPeak, inFlightMaxPeak, looks, ejectionsTotal } = flight;
  const rows = atEnd.map(({ id, inFlight, elsewhere, waiting, ejected }) => [
    ...[id, inFlight, elsewhere, waiting, ejected],
  ]);
  const head = ['in flight at the end', 'from here', 'from others', 'requests waiting', 'ejected'];
  return [
    renderTable({ head, rows, right: [1, 2, 3, 4] }),
    `at most ${inFlightPeak} in flight from one coordinator, ${inFlightMaxPeak} at one agent, in ${looks} looks; ` +
      `${ejectionsTotal} ejections`,
    zeroAfterMs === null
      ? `not 0 everywhere within ${formatDuration(zeroWithinMs)} of the last reply`
      : `0 everywhere ${formatDuration(zeroAfterMs)} after the last reply, bound ${formatDuration(zeroWithinMs)}`,
    onlySurvivorsAfterMs === null
      ? 'the dead were still listed as agents'
      : `only survivors were listed as agents ${formatDuration(onlySurvivorsAfterMs)} after the last reply`,
  ].join('\n');
}

function outageText({ outage, accounts }: WorkReport): string {
  if (!outage) return '';
  const told = (ms: number | null) => (ms === null ? 'never' : `after ${formatDuration(ms)}`);
  const { shared = 0, own = 0 } = accounts.numbers;
  return [
    `redis was away for ${formatDuration(outage.awayMs)}: all coordinators numbered by themselves ` +
      `${told(outage.ownAfterMs)}, and shared numbers ${told(outage.sharedAfterMs)} again`,
    `round-robin requests of the load: ${shared} with shared numbers, ${own} with own`,
  ].join('\n');
}

function numbersText({ numbers }: WorkReport): string {
  const { processes, taken, twice, unshared, leftOut, handovers } = numbers;
  return (
    `${taken} round-robin numbers taken by ${processes} processes, which changed hands ${handovers} times: ` +
    `${twice} twice, ${unshared} not shared, ${leftOut} left over in blocks`
  );
}
