import { type AnomaliesReply, type Anomaly, type Demotion, type Probation } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatDuration,
  formatShare,
  renderTable,
  shorten,
  type Tone,
} from '@nexus/platform/terminal';
import { agoText } from './model-health.js';

const reasonCharsMax = 80;

const tones: Readonly<Record<Anomaly['response'], Tone>> = {
  probation: 'warning',
  ejection: 'bad',
  demotion: 'warning',
  noted: 'warning',
  cleared: 'good',
  dismissed: 'quiet',
};

/** What is held against whom, for how long yet, and what happened, for people. */
export function renderAnomalies(seen: AnomaliesReply, nowMs: number, paint: Colours): string {
  const { probation, demotions, recent } = seen;
  const held = [
    ...(probation.length > 0 ? [renderProbation(probation, nowMs, paint)] : []),
    ...(demotions.length > 0 ? [renderDemotions(demotions, nowMs, paint)] : []),
  ];
  return [
    ...(held.length > 0 ? held : [paint.dim('nothing is held against an agent or a type of goal')]),
    ...(recent.length > 0 ? [renderRecent(recent, nowMs, paint)] : []),
  ].join('\n\n');
}

const renderProbation = (probation: readonly Probation[], nowMs: number, colours: Colours): string =>
  renderTable({
    head: ['ON PROBATION', 'SHARE', 'FOR YET', 'SINCE', 'WHY'],
    right: [1, 2],
    rows: probation.map(({ agentId, share, remainingMs, since, reason }) => [
      agentId,
      { text: share === 0 ? 'none' : formatShare(share), tone: share === 0 ? 'bad' : 'warning' },
      formatDuration(remainingMs),
      agoText(since, nowMs),
      shorten(reason, reasonCharsMax),
    ]),
    colours,
  });

const renderDemotions = (demotions: readonly Demotion[], nowMs: number, colours: Colours): string =>
  renderTable({
    head: ['DEMOTED', 'AT MOST', 'FOR YET', 'SINCE', 'WHY'],
    right: [2],
    rows: demotions.map(({ type, maxLayer, remainingMs, since, reason }) => [
      type,
      { text: maxLayer, tone: 'warning' },
      formatDuration(remainingMs),
      agoText(since, nowMs),
      shorten(reason, reasonCharsMax),
    ]),
    colours,
  });

const renderRecent = (recent: readonly Anomaly[], nowMs: number, colours: Colours): string =>
  renderTable({
    head: ['WHEN', 'WHAT', 'RESPONSE', 'MEASURE', 'OBSERVED', 'USUAL', 'DEVIATIONS', 'SAMPLES'],
    right: [4, 5, 6, 7],
    rows: recent.map((anomaly) => recentRow(anomaly, nowMs)),
    colours,
  });

function recentRow({ agentId, type, response, evidence, at }: Anomaly, nowMs: number): Cell[] {
  const { measure, observed, usual, deviations, samples } = evidence;
  const format = measure === 'success' ? formatShare : formatDuration;
  return [
    agoText(at, nowMs),
    agentId ?? type ?? '-',
    { text: response, tone: tones[response] },
    measure,
    format(observed),
    format(usual),
    deviations.toFixed(1),
    samples,
  ];
}
