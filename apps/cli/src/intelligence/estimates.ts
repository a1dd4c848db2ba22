import { type Candidate, type Choice, type Estimate, type Features } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatDuration,
  formatShare,
  renderTable,
  type Tone,
} from '@nexus/platform/terminal';

const lowToHigh = ({ low, high }: Estimate, format: (value: number) => string) =>
  `${format(low)} to ${format(high)}`;

/** What is predicted, and between which bounds, as `12.0 ms (8.0 ms to 20.0 ms)`. */
export const estimateText = (estimate: Estimate, format: (value: number) => string): string =>
  `${format(estimate.expected)} (${lowToHigh(estimate, format)})`;

/** The situation of a coordination, in a line. */
export const situationText = (features: Features): string =>
  [
    features.agents === 1 ? '1 agent' : `${features.agents} agents`,
    `diversity ${formatShare(features.diversity)}`,
    `complexity ${features.complexity}`,
    `deadline ${formatDuration(features.deadlineS * 1_000)}`,
    `latency ${formatDuration(features.latencyMs)}`,
    `load ${formatShare(features.load)}`,
    `${features.active} active`,
    `success of late ${formatShare(features.successRate)}`,
  ].join(', ');

export interface CandidateNotes {
  /** What was done, or would be. */
  readonly chosen: Choice;
  /** What `chosen` is called. */
  readonly as: 'chosen' | 'recommended';
  readonly below: Choice;
}

/** The ways that could be taken, one a line, with what is predicted of each. */
export const renderCandidates = (
  candidates: readonly Candidate[],
  notes: CandidateNotes,
  colours: Colours,
): string =>
  renderTable({
    head: ['CANDIDATE', 'SAMPLES', 'DURATION', 'BETWEEN', 'SUCCESS', 'BETWEEN', 'IS'],
    right: [1, 2, 4],
    rows: candidates.map((candidate) => rowOf(candidate, notes)),
    colours,
  });

function rowOf({ choice, samples, durationMs, success }: Candidate, notes: CandidateNotes): Cell[] {
  const is = [
    ...(choice === notes.chosen ? [notes.as] : []),
    ...(choice === notes.below ? ['layer below'] : []),
  ];
  const tone: Tone = choice === notes.chosen ? 'good' : 'quiet';
  return [
    choice,
    samples,
    ...estimateCells(durationMs, formatDuration),
    ...estimateCells(success, formatShare),
    { text: is.join(', '), tone },
  ];
}

const estimateCells = (estimate: Estimate | null, format: (value: number) => string): Cell[] =>
  estimate === null ? ['-', '-'] : [format(estimate.expected), lowToHigh(estimate, format)];
