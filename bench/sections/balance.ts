import { algorithmNames } from '@nexus/core/balancing';
import { contest } from '@nexus/testing';
import { type CountTable, type Section } from './section.js';

const utilisations = [0.7, 0.9] as const;
const contestants = ['random', ...algorithmNames] as const;
const seed = 1;

/** How well each algorithm balances. Virtual time: the figures are the same on every machine. */
export const balance: Section = {
  name: 'balance',
  summary: 'agents 1× to 20× as fast, one slowing down, one failing fast, one lying; simulated',
  on: 'bare ground',
  run: ({ progress }, onTable) => {
    for (const utilisation of utilisations) {
      const rows = contestants.map((contestant) => {
        progress(`balance: ${contestant}, ${utilisation}`);
        return rowOf(contestant, utilisation);
      });
      onTable({
        kind: 'counts',
        title: `open-loop load at ${utilisation * 100} % of capacity`,
        columns: ['p50 ms', 'p99 ms', 'p99.9 ms', 'errors %', 'failer %', 'liar / fair'],
        rows,
      });
    }
    return Promise.resolve();
  },
};

function rowOf(contestant: (typeof contestants)[number], utilisation: number): CountTable['rows'][number] {
  const result = contest({ seed, contestant, utilisation });
  const { p50Ms, p99Ms, p999Ms, errorShare, failerShare, liarByFairShare } = result;
  const values = [p50Ms, p99Ms, p999Ms, 100 * errorShare, 100 * failerShare, liarByFairShare];
  return { name: contestant === 'random' ? 'random, as a NATS queue group' : contestant, values };
}
