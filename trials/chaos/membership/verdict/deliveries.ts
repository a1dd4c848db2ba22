import { type Asked } from '../load/asked.js';
import { type Life } from '../members/life.js';
import { type Handed } from '../members/news.js';
import { isByKill } from './disturbances.js';

export interface Deliveries {
  /** Broadcasts that were handed to agents, taken together. */
  readonly delivered: number;
  /** Given up by an agent that could not get them. */
  readonly givenUp: number;
  /** Handed to an agent though a later one had been, or a second time; in words. */
  readonly disordered: readonly string[];
  /** Not handed to an agent that was there; in words. */
  readonly lost: readonly string[];
}

/** Between the registration of an agent and the last coordinator that knows of it; and between a broadcast and its repair. */
const introducedMs = 3_000;
const repairedMs = 5_000;

/** Holds what agents were handed against what was broadcast: each once, in the order in which they were asked for. */
export function deliveries(asked: readonly Asked[], lives: readonly Life[]): Deliveries {
  const broadcasts = asked.filter(({ kind }) => kind === 'broadcast');
  // What was asked for again, because its coordinator died with it, may have been sent twice.
  const sure = broadcasts.filter((each) => each.error === null && !isByKill(each, lives));
  const numbers = new Set(sure.map(({ number }) => number));
  const disordered: string[] = [];
  const lost: string[] = [];
  let delivered = 0;
  for (const { id, role, registeredAtMs, endedAtMs = Infinity, delivered: handed } of lives) {
    if (role !== 'agent' || registeredAtMs === undefined) continue;
    delivered += handed.length;
    const { once, repeats } = apart(handed);
    const found = [...repeats, ...disorderOf(once.filter(({ number }) => numbers.has(number)))];
    disordered.push(...found.map((what) => `${id}: ${what}`));
    const had = new Set(handed.map(({ number }) => number));
    for (const { number, startedAtMs, endedAtMs: sentAtMs } of sure) {
      const wasThere = registeredAtMs + introducedMs < startedAtMs && endedAtMs > sentAtMs + repairedMs;
      if (wasThere && !had.has(number)) lost.push(`${id} was not handed broadcast ${number}`);
    }
  }
  const givenUp = lives.reduce((sum, life) => sum + life.givenUp, 0);
  return { delivered, givenUp, disordered, lost };
}

/**
 * A broadcast that is asked for again gets another place of its sender's. So the same place twice is a fault of whoever
 * handed it over, whatever died meanwhile.
 */
function apart(all: readonly Handed[]): { readonly once: Handed[]; readonly repeats: string[] } {
  const places = new Map<string, Handed>();
  const repeats: string[] = [];
  for (const handed of all) {
    const place = `${handed.sender} ${handed.sequence}`;
    const before = places.get(place);
    if (before === undefined) places.set(place, handed);
    else repeats.push(`was handed broadcast ${handed.number} (${place}) again after ${before.number}`);
  }
  return { once: [...places.values()], repeats };
}

function disorderOf(all: readonly Handed[]): string[] {
  let last: Handed | undefined;
  return all.flatMap((handed) => {
    const before = last;
    if (before === undefined || handed.number > before.number) {
      last = handed;
      return [];
    }
    // Whether the receiver let it pass, or its sender did not know of the other.
    const known = before.after[handed.sender] ?? 0;
    const place = `${handed.sender} ${handed.sequence}`;
    return [
      `was handed broadcast ${handed.number} (${place}) after ${before.number}, which comes after ${known} of that sender`,
    ];
  });
}
