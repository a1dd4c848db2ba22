/** What is left for the way of one account to whoever waits for it, in milliseconds, at least, and as a share of all. */
const marginMsMin = 20;
const marginShare = 0.05;
/** Of a time so short that the least margin would be most of it. */
const marginShareMax = 0.125;

/** After so long without a word a relay counts as lost, in milliseconds, at least, and as a share of the time. */
const silenceMsMin = 100;
const silenceShare = 0.1;
/** Signs of life within that time: one may be late. */
const beats = 3;

/** How the time of a question shrinks on its way over a relay; in milliseconds. */
export interface RelayTimes {
  readonly relayBudgetMs: number;
  readonly targetBudgetMs: number;
  readonly silenceMs: number;
  readonly beatMs: number;
}

/** Each step ends early enough for its account to arrive before whoever waits for it gives up. */
export function relayTimes(withinMs: number): RelayTimes {
  const marginMs = Math.min(Math.max(marginMsMin, withinMs * marginShare), withinMs * marginShareMax);
  const silenceMs = Math.max(silenceMsMin, withinMs * silenceShare);
  return {
    relayBudgetMs: Math.floor(withinMs - 2 * marginMs),
    targetBudgetMs: Math.floor(withinMs - 3 * marginMs),
    silenceMs,
    beatMs: Math.ceil(silenceMs / beats),
  };
}
