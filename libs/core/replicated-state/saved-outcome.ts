import { assertNever } from '@nexus/core/invariant';
import { type OutcomeImage } from './image.js';
import { type Outcome } from './outcome.js';

/** An outcome that is kept for retries. */
export interface SavedOutcome {
  readonly outcome: Outcome;
  /** Set when its value is what this key is decided to be, so that an image need not repeat it. */
  readonly decidedKey: string | null;
}

export function outcomeImage({ outcome, decidedKey }: SavedOutcome): OutcomeImage {
  const { index, term } = outcome;
  if (outcome.kind === 'refused') {
    const { code, message, details, retryAfterMs = null } = outcome;
    const pairs = details?.map((each) => [each.path, each.message] as const) ?? null;
    return ['refused', index, term, code, message, pairs, retryAfterMs];
  }
  const { version, fencingToken = null } = outcome;
  if (decidedKey !== null) return ['decided', index, term, version, decidedKey];
  if (!('value' in outcome)) return ['done', index, term, version, fencingToken];
  return ['answered', index, term, version, fencingToken, outcome.value];
}

/** @param decision tells what a key is decided to be */
export function restoreOutcome(image: OutcomeImage, decision: (key: string) => unknown): SavedOutcome {
  const [kind, index, term] = image;
  switch (kind) {
    case 'done':
    case 'answered': {
      const [, , , version, fencingToken] = image;
      const token = fencingToken === null ? {} : { fencingToken };
      const value = kind === 'answered' ? { value: image[5] } : {};
      return { outcome: { kind: 'done', index, term, version, ...value, ...token }, decidedKey: null };
    }
    case 'decided': {
      const [, , , version, key] = image;
      return { outcome: { kind: 'done', index, term, version, value: decision(key) }, decidedKey: key };
    }
    case 'refused': {
      const [, , , code, message, pairs, retryAfterMs] = image;
      const details = pairs === null ? {} : { details: pairs.map(([path, message]) => ({ path, message })) };
      const hint = retryAfterMs === null ? {} : { retryAfterMs };
      return { outcome: { kind, index, term, code, message, ...details, ...hint }, decidedKey: null };
    }
    default:
      return assertNever(kind);
  }
}
