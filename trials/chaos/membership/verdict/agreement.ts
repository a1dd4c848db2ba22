import { type Life } from '../members/life.js';
import { Beliefs } from './beliefs.js';

/** Whether each has said since a moment of the wall clock that all know the same; what it said before is out of date. */
export const allSayConverged = (lives: readonly (Life | undefined)[], sinceMs: number): boolean =>
  lives.every((life) => {
    const latest = life?.figures?.latest;
    return latest !== undefined && latest.atMs >= sinceMs && latest.converged;
  });

/** Where what lives believe of each other right now is not so, in words; all of them take part. */
export function disagreements(lives: readonly Life[]): string[] {
  const lasting = lives.filter(({ endedAtMs }) => endedAtMs === undefined);
  return lasting.flatMap((observer) => {
    const beliefs = new Beliefs(observer);
    return lasting
      .filter(({ id }) => id !== observer.id)
      .flatMap(({ id, generation }) => {
        const belief = beliefs.at(id, Infinity);
        if (belief?.status === 'alive' && belief.generation === generation) return [];
        const held = belief ? `${belief.status} in generation ${belief.generation}` : 'nobody';
        return [`${observer.id} holds ${id} for ${held}, which lives in generation ${String(generation)}`];
      });
  });
}
