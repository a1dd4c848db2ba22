import { describe, expect, it } from '@jest/globals';
import { type Result } from '../measure/rounds.js';
import { lines } from '../sections/lines.js';
import { type Table } from '../sections/section.js';
import { goalsOf } from './goals.js';
import { markdownOf, withResults } from './markdown.js';
import { chartOf } from './chart.js';
import { type Report } from './report.js';

const machine = {
  cpu: 'a <CPU>',
  cores: 2,
  memoryBytes: 1e9,
  busyBefore: 0.5,
  os: 'linux',
  node: '20',
  nats: '2',
  redis: '7',
};

const result = (name: string, ...ratesPerS: number[]): Result => {
  const figure = { median: ratesPerS[0]!, min: ratesPerS[0]!, max: ratesPerS[0]! };
  return { name, ratePerS: figure, ratesPerS, ratio: figure, p50Ms: 1, p99Ms: 2, calls: 3 };
};

const reportOf = (section: string, table: Table): Report => ({
  startedAt: '2026-11-23T12:34:56.000Z',
  quick: true,
  tookS: 5,
  machine,
  tables: [{ section, ...table }],
});

const dispatch = reportOf('dispatch', {
  kind: 'rates',
  title: 'a unit a request, 64 in flight',
  unit: 'req/s',
  results: [result(lines.multiplexed, 100, 10, 100), result(lines.coordinator, 60, 6, 40)],
  leftOut: [{ name: 'another way', why: 'too many agents for it' }],
});

describe('goalsOf', () => {
  it('compares within a round, and takes the median of the rounds', () => {
    expect(goalsOf(dispatch)).toEqual([
      {
        name: 'coordinator to multiplexed loop, a unit a request, 64 in flight',
        bound: 0.5,
        sense: 'at least',
        measured: 0.6,
        reached: true,
      },
    ]);
  });

  it('says nothing of what was not measured', () => {
    const without = reportOf('dispatch', {
      kind: 'rates',
      title: 'a unit a request, 64 in flight',
      unit: 'req/s',
      results: [result(lines.multiplexed, 100)],
    });
    expect(goalsOf(without)).toEqual([]);
  });

  it('judges the algorithm with the shortest tail, by its tail and by its shares', () => {
    const quality = reportOf('quality', {
      kind: 'counts',
      title: 'open load at 90 % of capacity',
      columns: ['p99 to random', 'failing, %', 'lying, × fair'],
      rows: [
        { name: 'NATS queue group (random)', values: [1, 5, 2.5] },
        { name: 'Nexus one', values: [{ median: 0.2, min: 0.1, max: 0.3 }, 2, 1] },
        { name: 'Nexus other', values: [0.5, 0.1, 1] },
      ],
    });
    const goals = goalsOf(quality);
    expect(goals.map(({ measured, reached }) => [measured, reached])).toEqual([
      [0.2, true],
      [2, false],
      [1, true],
    ]);
    expect(goals[0]?.name).toContain('Nexus one');
  });

  it('lets a cost grow as far as the table allows', () => {
    const growth = (grown: number) =>
      reportOf('growth', {
        kind: 'counts',
        title: 'what an answer costs, µs',
        columns: ['250 agents', 'growth', 'allowed'],
        rows: [{ name: 'Nexus', values: [1, grown, 1.25] }],
      });
    expect([1.2, 1.3].map((grown) => goalsOf(growth(grown))[0]?.reached)).toEqual([true, false]);
  });
});

describe('markdownOf', () => {
  it('has the machine, the goals and every table', () => {
    const text = markdownOf(dispatch);
    expect(text).toContain('Measured 2026-11-23 12:34 UTC in 5 s, with `--quick`: a <CPU>, 2 cores');
    expect(text).toContain('| ≥ 0.500 | 0.600 | reached |');
    expect(text).toContain(`| ${lines.coordinator} |`);
    expect(text).toContain('another way: left out, too many agents for it');
  });
});

describe('withResults', () => {
  it('replaces what stands between the marks, and nothing else', () => {
    const document = withResults('before <!-- results -->old $&<!-- /results --> after', dispatch);
    expect(document).toContain('before <!-- results -->');
    expect(document).toContain('<!-- /results --> after');
    expect(document).toContain(lines.coordinator);
    expect(document).not.toContain('old');
    expect(withResults(document, dispatch)).toBe(document);
  });

  it('refuses a document that has no place for them', () => {
    expect(() => withResults('nothing', dispatch)).toThrow('no <!-- results --> block');
  });
});

describe('chartOf', () => {
  it('draws a bar a line, and takes no name for markup', () => {
    const svg = chartOf(dispatch);
    expect(svg.match(/<rect [^>]*height="14"/g)).toHaveLength(2);
    expect(svg).toContain('a &lt;CPU&gt;');
  });
});
