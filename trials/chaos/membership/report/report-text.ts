import { formatBytes, formatDuration, formatShare, renderTable } from '@nexus/platform/terminal';
import { type Times } from '../../times.js';
import { memoryText } from './memory-text.js';
import { type EndReport, type MembershipReport } from './report.js';

const linesMax = 20;

/** The report for people. */
export function reportText(report: MembershipReport): string {
  const { objections, membership, load, deliveries } = report;
  const found = [
    ...membership.late,
    ...membership.falseDeaths,
    ...membership.resurrections,
    ...load.unexplained,
  ];
  const details = [...found, ...deliveries.disordered, ...deliveries.lost];
  const parts = [
    headText(report),
    membershipText(report),
    loadText(report),
    gossipText(report),
    memoryText(report.memory),
    details.slice(0, linesMax).join('\n'),
    objections.length > 0
      ? `verdict: VIOLATED: ${objections.join('; ')}`
      : 'verdict: every survivor knew in time who was there, nobody was held for dead who lived, and nothing else was disturbed',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function headText(report: MembershipReport): string {
  const { services, agents, killShare, durationMs, volleys, killed, stayedAway, seed, tookMs, ownDelay } =
    report;
  return [
    `${services} services and ${agents} agents, ${formatShare(killShare)} killed again and again for ` +
      `${formatDuration(durationMs)}, seed ${seed}, in ${formatDuration(tookMs)}`,
    `${killed} killed in ${volleys} volleys, ${stayedAway} of them away until all had to notice`,
    `this process was late by ${formatDuration(ownDelay.p99Ms)} (p99), ${formatDuration(ownDelay.maxMs)} (max)`,
  ].join('\n');
}

function membershipText({ membership, bounds, end }: MembershipReport): string {
  const { deaths, suspected, noticed, returns, known, late, falseDeaths, resurrections, falseSuspicions } =
    membership;
  const line = (what: string, bound: string, { count, p50Ms, p99Ms, maxMs }: Times) => [
    ...[what, count, ...[p50Ms, p99Ms, maxMs].map(formatDuration), bound],
  ];
  const table = renderTable({
    head: ['what survivors learned of', 'times', 'p50', 'p99', 'max', 'bound'],
    rows: [
      line('a death: suspected', '', suspected),
      line('a death: dead', formatDuration(bounds.noticedWithinMs), noticed),
      line('a new life', formatDuration(bounds.knownWithinMs), known),
    ],
    right: [1, 2, 3, 4, 5],
  });
  return [
    table,
    `too late: ${late.length} of ${deaths + returns}; held for dead while alive: ${falseDeaths.length}; ` +
      `alive again in a life that had ended: ${resurrections.length}; ` +
      `suspected while alive, and refuted: ${falseSuspicions}`,
    end === null ? 'in the end the members did not agree' : endText(end),
  ].join('\n');
}

const endText = ({ agreedAfterMs, convergedAfterMs }: EndReport) =>
  `once all were back: everybody knew everybody after ${formatDuration(agreedAfterMs)}, ` +
  `all said so after ${formatDuration(convergedAfterMs)}`;

function loadText({ load, deliveries }: MembershipReport): string {
  const rows = Object.entries(load.kinds).map(([kind, { asked, failedByKill, times }]) => [
    ...[kind, asked, failedByKill, ...[times.p50Ms, times.p99Ms, times.maxMs].map(formatDuration)],
  ]);
  const head = ['load', 'asked', 'failed by a kill', 'p50', 'p99', 'max'];
  return [
    renderTable({ head, rows, right: [1, 2, 3, 4, 5] }),
    `disturbances that no kill explains: ${load.unexplained.length}`,
    `causal broadcasts delivered: ${deliveries.delivered}; out of order or repeated: ${deliveries.disordered.length}; ` +
      `lost: ${deliveries.lost.length}; given up, and reported so: ${deliveries.givenUp}`,
  ].join('\n');
}

function gossipText({ gossip, refused, roundMs }: MembershipReport): string {
  const rows = Object.entries(gossip).map(([kind, cost]) => [
    ...[kind, cost.lives, cost.messagesPerRound.toFixed(1)],
    ...[formatBytes(cost.bytesPerRound), formatBytes(cost.bytesPerRoundMax)],
  ]);
  const head = ['gossip sent a round', 'lives', 'messages', 'bytes', 'most'];
  const table = renderTable({ head, rows, right: [1, 2, 3, 4] });
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}`);
  return `${table}\na round is ${formatDuration(roundMs)}; not taken: ${reasons.join(', ') || 'nothing'}`;
}
