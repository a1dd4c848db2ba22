import { type Times, timesOf } from '../../times.js';
import { type Asked } from '../load/asked.js';
import { type Life } from '../members/life.js';
import { type Role } from '../cast.js';

export interface KindFigures {
  readonly asked: number;
  /** Failed while a process that may have worked on it was killed, or had just been. */
  readonly failedByKill: number;
  readonly times: Times;
}

export interface Disturbances {
  readonly kinds: Readonly<Record<Asked['kind'], KindFigures>>;
  /** Requests that failed, or agents that were left out, though nothing was killed that mattered; in words. */
  readonly unexplained: readonly string[];
}

/** Whose death a request of a kind may fail for. */
const servedBy: Readonly<Record<Asked['kind'], readonly Role[]>> = {
  gather: ['coordinator', 'routing'],
  broadcast: ['coordinator', 'routing'],
  decision: ['consensus'],
};

/** How long after a death requests may still be handed to the dead, or wait for its successor. */
const aftermathMs = 3_000;
/** Between the registration of an agent and the last coordinator that knows of it. */
const introducedMs = 3_000;

/** Holds what was asked against who was killed. */
export function disturbances(asked: readonly Asked[], lives: readonly Life[]): Disturbances {
  const unexplained: string[] = [];
  const figures = (kind: Asked['kind']): KindFigures => {
    const own = asked.filter((each) => each.kind === kind);
    const failed = own.filter(({ error }) => error !== null);
    const byKill = failed.filter((each) => isByKill(each, lives));
    for (const each of failed) {
      if (!byKill.includes(each))
        unexplained.push(`a ${kind} failed with ${String(each.error)}, and nobody was killed`);
    }
    const times = own.filter(({ error }) => error === null).map((each) => each.endedAtMs - each.startedAtMs);
    return { asked: own.length, failedByKill: byKill.length, times: timesOf(times) };
  };
  const kinds = { gather: figures('gather'), broadcast: figures('broadcast'), decision: figures('decision') };
  unexplained.push(...leftOut(asked, lives));
  return { kinds, unexplained };
}

/** Whether a process died that may have had the request in its hands. */
export function isByKill({ kind, startedAtMs, endedAtMs }: Asked, lives: readonly Life[]): boolean {
  return lives.some(
    (life) =>
      servedBy[kind].includes(life.role) &&
      life.endedAtMs !== undefined &&
      life.endedAtMs > startedAtMs - aftermathMs &&
      life.endedAtMs < endedAtMs,
  );
}

/** Agents that were there all the time, and of whom a gather knew nothing. */
function leftOut(asked: readonly Asked[], lives: readonly Life[]): string[] {
  return asked.flatMap((each) => {
    if (each.kind !== 'gather' || each.error !== null || isByKill(each, lives)) return [];
    const answered = new Set(each.answered);
    return lives
      .filter(
        ({ id, registeredAtMs = Infinity, endedAtMs = Infinity }) =>
          registeredAtMs + introducedMs < each.startedAtMs && endedAtMs > each.endedAtMs && !answered.has(id),
      )
      .map(({ id }) => `a gather left out ${id}, which was there`);
  });
}
