import { type Choosing, type Estimate, type ExplainReply } from '@nexus/contracts';
import { type Colours, formatDuration, formatShare } from '@nexus/platform/terminal';
import { type Fact, renderFacts } from '../consensus/facts.js';
import { estimateText, renderCandidates, situationText } from './estimates.js';

/** A coordination of the history for people: what it met, what was chosen and why, what came of it. */
export function renderExplanation(reply: ExplainReply, paint: Colours): string {
  const { choosing, choice } = reply;
  const facts = renderFacts([...beginningOf(reply), ...whyOf(reply), ...endOf(reply)], paint);
  if (!choosing || choosing.candidates.length === 0) return facts;
  const notes = { chosen: choice, as: 'chosen', below: choosing.below } as const;
  return `${facts}\n\n${renderCandidates(choosing.candidates, notes, paint)}`;
}

const beginningOf = ({ coordinationId, type, user, at, features }: ExplainReply): Fact[] => [
  ['id', coordinationId],
  ['asked', `${type}, by ${user}, ended ${at}`],
  ['situation', situationText(features)],
];

function whyOf({ choice, layer, choosing }: ExplainReply): Fact[] {
  const chosen: Fact = ['chosen', `${choice}, on the ${layer} layer`];
  if (!choosing) return [chosen, ['why', 'no model was asked']];
  return [
    chosen,
    ['why', reasonText(choosing)],
    ['path', choosing.reasoning === '' ? undefined : choosing.reasoning],
    ['below', belowText(choosing)],
  ];
}

/** Why the model chose, or why it did not. */
function reasonText({ reason, version, confidence, propensity }: Choosing): string {
  const model = `the model${version === null ? '' : `, version ${version},`}`;
  const sure = confidence === null ? '' : ` and ${formatShare(confidence)} sure`;
  switch (reason) {
    case 'chosen':
      return `${model} was asked${sure}`;
    case 'explored':
      return `tried to learn of it: chosen by chance, with ${formatShare(propensity)}`;
    case 'no_model':
      return 'the layer below served: there was no model yet';
    case 'no_gain':
      return `the layer below served: ${model} was asked, and knew nothing better`;
    case 'stale':
      return 'the layer below served: nothing was heard of the intelligence service for too long';
    case 'unsure':
      return `the layer below served: ${model} was asked${sure}, which was not enough`;
    case 'demoted':
      return 'the layer below served: an anomaly took the intelligence layer out of service (nexus anomalies)';
  }
}

/** What the layer below would have done, and what was predicted of that. */
function belowText({ below, candidates }: Choosing): string {
  const predicted = candidates.find(({ choice }) => choice === below)?.durationMs;
  return `would do ${below}${predicted ? `, predicted ${estimateText(predicted, formatDuration)}` : ''}`;
}

function endOf({ status, durationMs, success, choice, choosing, traceId }: ExplainReply): Fact[] {
  const candidate = choosing?.candidates.find(({ choice: of }) => of === choice);
  return [
    ['outcome', status],
    ['took', resultText(durationMs, candidate?.durationMs, formatDuration)],
    ['success', resultText(success, candidate?.success, formatShare)],
    ['trace', traceId],
  ];
}

/** What was, and whether it lay where it was predicted. */
function resultText(
  value: number,
  predicted: Estimate | null | undefined,
  format: (value: number) => string,
): string {
  if (!predicted) return format(value);
  const { low, high } = predicted;
  const lay = value < low ? 'below what was' : value > high ? 'above what was' : 'as';
  return `${format(value)}, ${lay} predicted: ${estimateText(predicted, format)}`;
}
