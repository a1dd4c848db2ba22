import { describe, expect, it } from '@jest/globals';
import { measureFigures } from './figures.js';
import { roundsGoal } from './goal.js';
import { plot } from './plot.js';
import { figuresText, shortcomings } from './report.js';

describe('the figures of gossip', () => {
  const figures = measureFigures({
    ...{
      nodes: [10],
      losses: [0],
      seeds: [1],
      updates: 5,
      minutes: 1,
      parts: ['spread', 'push', 'deaths', 'healing'],
    },
    progress: () => undefined,
  });

  it('meet every goal with ten members', () => {
    expect(shortcomings(figures)).toEqual([]);
  });

  it('are the same for the same seed', () => {
    const again = {
      nodes: [10],
      losses: [0],
      seeds: [1],
      updates: 5,
      minutes: 1,
      progress: () => undefined,
    };
    const { spread } = measureFigures({ ...again, parts: ['spread'] });
    expect(spread).toEqual(
      figures.spread.filter(({ loss, protocol }) => loss === 0 && protocol !== 'plain push'),
    );
  });

  it('are told in tables, the plain push protocol beside', () => {
    const text = figuresText(figures);
    expect(text).toContain('plain push');
    expect(text).toContain('false deaths');
  });

  it('name what is missed', () => {
    const [row] = figures.spread;
    const slow = {
      ...figures,
      spread: [{ ...row!, p99: 99, lost: 2 }],
      healing: [],
      deaths: [],
      endurance: [],
    };
    expect(shortcomings(slow)).toEqual([
      '10 members, loss 0, seed 1: 2 updates did not reach everybody',
      '10 members, loss 0, seed 1: 99.0 rounds at p99, the goal is 7',
    ]);
  });
});

describe('the goal of rounds', () => {
  it.each([
    [10, 0, 7],
    [1000, 0, 13],
    [1000, 0.2, 26],
  ])('of %d members at a loss of %d is %d', (nodes, loss, rounds) => {
    expect(roundsGoal(nodes, loss)).toBe(rounds);
  });
});

describe('the plot', () => {
  it('draws a bar a round', () => {
    expect(plot('title', [0, 0.5, 1])).toEqual([
      'title',
      '  round',
      `     0 ${' '.repeat(50)}   0 %`,
      `     1 ${'█'.repeat(25)}${' '.repeat(25)}  50 %`,
      `     2 ${'█'.repeat(50)} 100 %`,
    ]);
  });

  it('says how many rounds it leaves out', () => {
    expect(
      plot(
        'title',
        Array.from({ length: 50 }, () => 1),
      ).at(-1),
    ).toContain('10 more');
  });
});
