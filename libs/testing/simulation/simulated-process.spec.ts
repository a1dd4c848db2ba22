import { describe, expect, it } from '@jest/globals';
import { Coverage } from './coverage.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedProcess } from './simulated-process.js';
import { Timeline } from './timeline.js';

function build() {
  const timeline = new Timeline();
  const coverage = new Coverage();
  const turns: { inputs: readonly string[]; isTick: boolean; atMs: number }[] = [];
  const process = new SimulatedProcess<string>({
    timeline,
    random: new SeededRandom(2),
    coverage,
    tickMs: 10,
    turnDelayMsMax: 1,
    inputsMax: 3,
    onTurn: (inputs, isTick) => turns.push({ inputs, isTick, atMs: timeline.nowMs }),
  });
  const ticks = () => turns.filter(({ isTick }) => isTick).length;
  return { timeline, coverage, turns, process, ticks };
}

describe('SimulatedProcess', () => {
  it('ticks by its own clock', () => {
    const { timeline, process, ticks } = build();
    timeline.run(1_000);
    expect(ticks()).toBe(100);
    const end = process.skew(2);
    timeline.run(2_010);
    end();
    end();
    expect(ticks()).toBeGreaterThanOrEqual(299);
    timeline.run(3_010);
    expect(ticks()).toBeLessThanOrEqual(402);
  });

  it('has a clock that runs on in a pause, and as fast as it is skewed, without a jump', () => {
    const { timeline, process } = build();
    timeline.run(1_000);
    expect(process.localNowMs).toBe(1_000);
    const endFast = process.skew(2);
    expect(process.localNowMs).toBe(1_000);
    timeline.run(1_100);
    expect(process.localNowMs).toBe(1_200);
    const endSlow = process.skew(0.25);
    process.pause();
    timeline.run(1_200);
    expect(process.localNowMs).toBe(1_250);
    endFast();
    endSlow();
    timeline.run(1_300);
    expect(process.localNowMs).toBe(1_350);
  });

  it('takes what arrived together in one turn, soon', () => {
    const { timeline, turns, process } = build();
    process.post('a');
    process.post('b');
    timeline.run(1);
    expect(turns.map(({ inputs }) => inputs)).toEqual([['a', 'b']]);
  });

  it('does nothing while it is paused; then one turn has all that waited, and one late tick', () => {
    const { timeline, turns, process } = build();
    const first = process.pause();
    const second = process.pause();
    process.post('a');
    timeline.run(500);
    first();
    first();
    timeline.run(505);
    expect(turns).toEqual([]);
    process.post('b');
    second();
    timeline.run(508);
    expect(turns[0]).toMatchObject({ inputs: ['a', 'b'], isTick: true });
    expect(turns).toHaveLength(1);
  });

  it('drops what overruns it', () => {
    const { timeline, turns, process, coverage } = build();
    const resume = process.pause();
    for (const input of ['a', 'b', 'c', 'd']) process.post(input);
    resume();
    timeline.run(2);
    expect(turns[0]!.inputs).toEqual(['a', 'b', 'c']);
    expect(coverage.of('process: overrun')).toBe(1);
  });

  it('is over when it is stopped', () => {
    const { timeline, turns, process } = build();
    process.post('a');
    process.stop();
    process.post('b');
    timeline.run(100);
    expect([turns, process.isRunning]).toEqual([[], false]);
  });
});
