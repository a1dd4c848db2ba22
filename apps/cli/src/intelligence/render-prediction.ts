import { type PredictReply } from '@nexus/contracts';
import { type Colours, formatShare } from '@nexus/platform/terminal';
import { renderFacts } from '../consensus/facts.js';
import { renderCandidates, situationText } from './estimates.js';
import { agoText } from './model-health.js';

const reasons: Readonly<Record<PredictReply['reason'], string>> = {
  chosen: 'chosen by the model',
  no_model: 'what the layer below does: not enough outcomes for a model yet',
  no_gain: 'what the layer below does: the model knows nothing better',
  unsure: 'what the layer below does: the model is not sure enough',
};

/** A prediction for people. */
export function renderPrediction(reply: PredictReply, nowMs: number, paint: Colours): string {
  const { type, recommended, reason, confidence, reasoning, below, features, assumed, model } = reply;
  const facts = renderFacts(
    [
      ['for', type],
      ['recommends', `${recommended} (${reasons[reason]})`],
      ['confidence', confidence === null ? undefined : formatShare(confidence)],
      ['reasoning', reasoning === '' ? undefined : reasoning],
      ['below', below],
      ['situation', situationText(features)],
      ['assumed', assumed.length === 0 ? undefined : assumed.join(', ')],
      [
        'model',
        model === null
          ? 'none'
          : `version ${model.version}, trained ${agoText(model.trainedAt, nowMs)} on ${model.scores.samples} outcomes`,
      ],
    ],
    paint,
  );
  if (reply.candidates.length === 0) return facts;
  const notes = { chosen: recommended, as: 'recommended', below } as const;
  return `${facts}\n\n${renderCandidates(reply.candidates, notes, paint)}`;
}
