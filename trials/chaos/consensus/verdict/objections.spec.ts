import { describe, expect, it } from '@jest/globals';
import { judgement, quiet, recorded, unheard } from '../testdata/runs.js';
import { objections, type Run } from './objections.js';

const run = (fields: Partial<Run> = {}): Run => ({
  quiet: null,
  scenario: null,
  falseElections: 0,
  operations: recorded,
  failure: null,
  judgement: judgement(),
  ...fields,
});

describe('objections', () => {
  it('has none against a run in which all was kept', () => {
    expect(objections(run())).toEqual([]);
    expect(objections(run({ quiet: quiet('paced') }))).toEqual([]);
  });

  it.each(['none', 'paced', 'full'] as const)('counts elections in the quiet, load %s', (load) => {
    const found = objections(run({ quiet: quiet(load, 5), falseElections: 2 }));
    expect(found).toEqual(['2 elections while nothing was broken']);
  });

  it('leaves elections between faults to the report: the machine recovers then', () => {
    expect(objections(run({ falseElections: 2 }))).toEqual([]);
  });

  it('asks for something to judge where clients write down what they see', () => {
    expect(objections(run(unheard))).toEqual(['nothing was acknowledged']);
    expect(objections(run({ ...unheard, quiet: quiet('paced') }))).toEqual(['nothing was acknowledged']);
    expect(objections(run({ judgement: judgement({ logs: { compared: 0, differences: [] } }) }))).toEqual([
      'no log entry could be compared',
    ]);
    expect(objections(run({ judgement: null }))).toEqual(['nothing was judged']);
  });

  it('asks for no history where nobody writes one, but for the load that was asked for', () => {
    expect(objections(run({ ...unheard, quiet: quiet('none') }))).toEqual([]);
    expect(objections(run({ ...unheard, quiet: quiet('full', 5) }))).toEqual([]);
    expect(objections(run({ ...unheard, quiet: quiet('full', 0) }))).toEqual([
      'the full load committed nothing',
    ]);
  });

  it('takes no failed proposal where nothing was broken', () => {
    const failing = { ...quiet('full', 5), failed: 3 };
    expect(objections(run({ ...unheard, quiet: failing }))).toEqual([
      '3 proposals failed while nothing was broken',
    ]);
  });

  it('leaves it to a scenario to say whether it saw enough', () => {
    const scenario = { name: 'paused lease holder', facts: {}, violations: [] };
    expect(objections(run({ ...unheard, scenario }))).toEqual([]);
  });

  it('names everything that was found', () => {
    const found = objections(
      run({
        scenario: { name: 'paused leader', facts: {}, violations: ['a stale read'] },
        judgement: judgement({
          lost: [{ key: 'k', acknowledged: { value: 'a', version: 1 }, found: null }],
          linearizability: { kind: 'undecided', objects: ['k'] },
          outOfOrder: 1,
          stateDifferences: [{ replicaId: 'consensus-1', key: 'k', group: 'a', replica: 'b' }],
          logs: { compared: 4, differences: [{ index: 1, replicas: ['consensus-1', 'consensus-2'] }] },
        }),
      }),
    );
    expect(found).toHaveLength(6);
    expect(objections(run({ failure: 'nothing is acknowledged any more', judgement: null }))).toEqual([
      'did not happen: nothing is acknowledged any more',
    ]);
  });
});
