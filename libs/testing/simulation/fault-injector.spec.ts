import { describe, expect, it } from '@jest/globals';
import { Coverage } from './coverage.js';
import { FaultInjector } from './fault-injector.js';
import { type Fault, type Step } from './fault.js';
import { Schedule } from './schedule.js';
import { Timeline } from './timeline.js';

function build(leader: string | undefined = 'b') {
  const log: string[] = [];
  const note = (what: string) => {
    log.push(what);
    return () => void log.push(`end ${what}`);
  };
  const coverage = new Coverage();
  const injector = new FaultInjector({
    network: { cut: ({ from, to }) => note(`cut ${from}>${to}`), degrade: () => note('degrade') },
    nodes: {
      names: () => ['a', 'b', 'c'],
      resolve: (node) => (node === 'leader' ? leader : node),
      crash: (name, loses) => note(`crash ${name} ${loses}`),
      pause: (name) => note(`pause ${name}`),
      skew: (name, factor) => note(`skew ${name} ${factor}`),
      suffer: (name, condition) => note(`suffer ${name} ${condition}`),
    },
    coverage,
  });
  return { log, coverage, injector };
}

describe('FaultInjector', () => {
  it('looks up who plays a part when the fault begins, and ends it once', () => {
    const { log, injector, coverage } = build();
    const end = injector.begin({ kind: 'pause', node: 'leader' });
    end();
    end();
    expect(log).toEqual(['pause b', 'end pause b']);
    expect(coverage.of('fault: pause')).toBe(1);
  });

  it('does nothing, and counts nothing, when nobody plays the part', () => {
    const { log, injector, coverage } = build('');
    const nobody = new FaultInjector({
      network: { cut: () => () => undefined, degrade: () => () => undefined },
      nodes: {
        names: () => [],
        resolve: () => undefined,
        crash: () => () => undefined,
        pause: () => () => undefined,
        skew: () => () => undefined,
        suffer: () => () => undefined,
      },
      coverage,
    });
    nobody.begin({ kind: 'crash', node: 'leader', loses: 'unsynced' })();
    nobody.begin({ kind: 'partition', nodes: ['leader'], direction: 'both' })();
    expect(coverage.toObject()).toEqual({});
    injector.begin({ kind: 'disk', node: 'a', condition: 'full' });
    expect(log).toEqual(['suffer a full']);
  });

  it('partitions both ways, or one', () => {
    const { log, injector } = build();
    injector.begin({ kind: 'partition', nodes: ['leader'], direction: 'both' });
    expect(log.splice(0).sort()).toEqual(['cut a>b', 'cut b>a', 'cut b>c', 'cut c>b']);
    injector.begin({ kind: 'partition', nodes: ['a', 'b'], direction: 'out' });
    expect(log.splice(0).sort()).toEqual(['cut a>c', 'cut b>c']);
    injector.begin({ kind: 'partition', nodes: ['a', 'b'], direction: 'in' })();
    expect(log.sort()).toEqual(['cut c>a', 'cut c>b', 'end cut c>a', 'end cut c>b']);
  });
});

describe('Schedule', () => {
  it('carries out steps at their time and ends them; healing ends all and begins nothing more', () => {
    const timeline = new Timeline();
    const log: string[] = [];
    const step = (number: number, atMs: number, forMs: number): Step => ({
      number,
      atMs,
      forMs,
      fault: { kind: 'pause', node: `n${number}` } satisfies Fault,
    });
    const schedule = new Schedule(
      timeline,
      [step(0, 10, 5), step(1, 12, 100), step(2, 50, 5)],
      (_, { number }) => {
        log.push(`${timeline.nowMs}: begin ${number}`);
        return () => void log.push(`${timeline.nowMs}: end ${number}`);
      },
    );
    timeline.run(40);
    schedule.heal();
    timeline.run(500);
    expect(log).toEqual(['10: begin 0', '12: begin 1', '15: end 0', '40: end 1']);
  });
});
