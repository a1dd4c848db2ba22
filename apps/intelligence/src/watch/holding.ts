/*
 * What is not as usual is answered in steps, and each answer ends by itself: a mild one first, a strict one where that did not
 * help, longer each time. What stays different for good is the new usual: nobody is punished for ever for having changed.
 */

/** Something that is held against an agent or a type of goal. */
export interface Held {
  /** 0: the mild response; 1: the strict one. */
  readonly step: 0 | 1;
  /** How often the strict one was taken. */
  readonly rounds: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** What the samples since then say; `unknown` where there are too few. */
export type Verdict = 'anomalous' | 'usual' | 'unknown';

/**
 * `first`: held from now on; `further`: strictly, from now on; `back`: mildly again, to be seen; `cleared`: not held any more;
 * `rebased`: it stays different, and that is usual from now on.
 */
export type HoldingChange = 'first' | 'further' | 'back' | 'cleared' | 'rebased';

export interface HoldingOptions {
  /** How long a response lasts, in milliseconds; the strict one twice as long each time. */
  readonly holdMs: number;
  /** It lasts so many times as long at most. Default 10. */
  readonly holdsMax?: number;
  /** How often the strict one is taken before what is different counts as usual. Default 3. */
  readonly roundsMax?: number;
}

export interface Holding {
  readonly held: Held | undefined;
  readonly change: HoldingChange | undefined;
}

/** What is held next. Before its time is over nothing changes. */
export function nextHolding(
  held: Held | undefined,
  verdict: Verdict,
  nowMs: number,
  { holdMs, holdsMax = 10, roundsMax = 3 }: HoldingOptions,
): Holding {
  if (!held) {
    if (verdict !== 'anomalous') return { held: undefined, change: undefined };
    return {
      held: { step: 0, rounds: 0, sinceMs: nowMs, untilMs: nowMs + holdMs },
      change: 'first',
    };
  }
  if (nowMs < held.untilMs) return { held, change: undefined };
  const { step, rounds, sinceMs } = held;
  switch (verdict) {
    case 'usual':
      return { held: undefined, change: 'cleared' };
    case 'anomalous': {
      if (rounds >= roundsMax) return { held: undefined, change: 'rebased' };
      const lastsMs = holdMs * Math.min(2 ** rounds, holdsMax);
      return {
        held: { step: 1, rounds: rounds + 1, sinceMs: nowMs, untilMs: nowMs + lastsMs },
        change: 'further',
      };
    }
    case 'unknown':
      // Who gets nothing does nothing that could be judged.
      if (step === 1) {
        return { held: { step: 0, rounds, sinceMs: nowMs, untilMs: nowMs + holdMs }, change: 'back' };
      }
      if (nowMs - sinceMs >= holdsMax * holdMs) return { held: undefined, change: 'cleared' };
      return { held: { ...held, untilMs: nowMs + holdMs }, change: undefined };
  }
}
