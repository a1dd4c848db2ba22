import { type ModelsReply, type ModelVersion } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatDuration,
  formatShare,
  printable,
  renderTable,
  shorten,
  type Tone,
} from '@nexus/platform/terminal';
import { type Fact, renderFacts } from '../consensus/facts.js';
import { agoText } from './model-health.js';

export interface ModelsView {
  readonly nowMs: number;
  /** Whether to show what each model says. */
  readonly rules: boolean;
  readonly paint: Colours;
}

const reasonCharsMax = 60;

const tones: Readonly<Record<ModelVersion['state'], Tone>> = {
  champion: 'good',
  former: 'quiet',
  rejected: 'quiet',
  rolled_back: 'warning',
};

/** How learning stands for people: the schedule, the history, a line a version. */
export function renderModels(seen: ModelsReply, { nowMs, rules, paint }: ModelsView): string {
  const { models } = seen;
  return [
    renderFacts(factsOf(seen, nowMs), paint),
    models.length > 0
      ? renderVersions(models, nowMs, paint)
      : paint.dim('no model was trained yet: the layer below serves'),
    ...(rules ? models.map((model) => renderRules(model, paint)) : []),
  ].join('\n\n');
}

function factsOf({ training, history, latency, revision }: ModelsReply, nowMs: number): Fact[] {
  const { lastTrainedAt, everyMs, runs, drifts } = training;
  const trained = lastTrainedAt === null ? 'never' : agoText(lastTrainedAt, nowMs);
  return [
    ['trained', `${trained}, every ${formatDuration(everyMs)}; ${runs} runs, ${drifts} drifts noticed`],
    [
      'history',
      `${history.outcomes} outcomes and ${history.work} samples of work, ${history.max} at most; ` +
        `${history.duplicates} duplicates, ${history.refused} over a quota`,
    ],
    ['work time', latency === null ? 'no model yet' : latencyText(latency, nowMs)],
    ['revision', String(revision)],
  ];
}

/** The errors are of logarithms: as factors they can be read. */
const latencyText = (
  { version, trainedAt, samples, errorLog, baselineErrorLog }: NonNullable<ModelsReply['latency']>,
  nowMs: number,
) =>
  `version ${version}, trained ${agoText(trainedAt, nowMs)} on ${samples} samples; off by a factor of ` +
  `${factor(errorLog)}, without it ${factor(baselineErrorLog)}`;

const factor = (log: number) => Math.exp(log).toFixed(2);

/** @internal exported for the command that trains */
export const renderVersions = (models: readonly ModelVersion[], nowMs: number, colours: Colours): string =>
  renderTable({
    head: [
      ...['TYPE', 'VERSION', 'STATE', 'TRAINED', 'SAMPLES', 'GAIN', 'BETWEEN'],
      ...['ERROR', 'COVERAGE', 'WHY'],
    ],
    right: [1, 4, 5, 7],
    rows: models.map((model) => rowOf(model, nowMs)),
    colours,
  });

function rowOf({ type, version, state, trainedAt, scores, reason }: ModelVersion, nowMs: number): Cell[] {
  const { samples, gain, durationErrorMs, coverage, coverageClaimed } = scores;
  return [
    type,
    version,
    { text: state, tone: tones[state] },
    agoText(trainedAt, nowMs),
    samples,
    signed(gain.expected),
    `${signed(gain.low)} to ${signed(gain.high)}`,
    formatDuration(durationErrorMs),
    `${formatShare(coverage)} of ${formatShare(coverageClaimed)}`,
    shorten(reason, reasonCharsMax),
  ];
}

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;

function renderRules({ type, version, state, rules, reason }: ModelVersion, paint: Colours): string {
  return [
    `${paint.bold(`${type} ${version}`)} (${state}: ${printable(reason)})`,
    ...(rules.length > 0 ? rules : ['nothing better than the layer below']).map(
      (rule) => `  ${printable(rule)}`,
    ),
  ].join('\n');
}
