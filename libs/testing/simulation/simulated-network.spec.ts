import { describe, expect, it } from '@jest/globals';
import { Coverage } from './coverage.js';
import { SeededRandom } from './seeded-random.js';
import { type LinkQuality, SimulatedNetwork } from './simulated-network.js';
import { Timeline } from './timeline.js';

const perfect: LinkQuality = {
  lossChance: 0,
  duplicateChance: 0,
  reorderChance: 0,
  delayMsMin: 1,
  delayMsMax: 10,
  lateMsMax: 100,
};

function build(quality: Partial<LinkQuality> = {}) {
  const timeline = new Timeline();
  const coverage = new Coverage();
  const arrived: { to: string; message: number; atMs: number }[] = [];
  const network = new SimulatedNetwork<number>({
    timeline,
    random: new SeededRandom(5),
    coverage,
    quality: { ...perfect, ...quality },
    deliver: ({ to, message }) => arrived.push({ to, message, atMs: timeline.nowMs }),
  });
  const sendMany = (count: number, from = 'a', to = 'b') => {
    for (let message = 0; message < count; message++) network.send({ from, to, message });
  };
  return { timeline, coverage, arrived, network, sendMany };
}

describe('SimulatedNetwork', () => {
  it('keeps the order of a link that is not told to reorder', () => {
    const { timeline, arrived, sendMany } = build();
    sendMany(50);
    timeline.run(1_000);
    expect(arrived.map(({ message }) => message)).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  it('loses, duplicates and reorders as often as it is told', () => {
    const { timeline, arrived, sendMany, coverage } = build({
      lossChance: 0.2,
      duplicateChance: 0.1,
      reorderChance: 0.3,
    });
    sendMany(2_000);
    timeline.run(1_000);
    const numbers = arrived.map(({ message }) => message);
    expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b));
    expect(coverage.of('network: lost') / 2_000).toBeCloseTo(0.2, 1);
    expect(arrived).toHaveLength(2_000 - coverage.of('network: lost') + coverage.of('network: duplicated'));
    expect(new Set(numbers).size).toBe(2_000 - coverage.of('network: lost'));
  });

  it('cuts one direction alone, until every cut has ended', () => {
    const { timeline, arrived, sendMany, network } = build();
    const first = network.cut({ from: 'a', to: 'b' });
    const second = network.cut({ from: 'a', to: 'b' });
    sendMany(1);
    sendMany(1, 'b', 'a');
    first();
    first();
    sendMany(1);
    timeline.run(100);
    expect(arrived.map(({ to }) => to)).toEqual(['a']);
    second();
    sendMany(1);
    timeline.run(200);
    expect(arrived.map(({ to }) => to)).toEqual(['a', 'b']);
  });

  it('delivers what was under way when the link was cut', () => {
    const { timeline, arrived, sendMany, network } = build();
    sendMany(1);
    network.cut({ from: 'a', to: 'b' });
    timeline.run(100);
    expect(arrived).toHaveLength(1);
  });

  it('loses what is under way when it is told to, and nothing that is sent later', () => {
    const { timeline, arrived, sendMany, network } = build();
    sendMany(3);
    network.loseAll();
    sendMany(2);
    timeline.run(100);
    expect(arrived).toHaveLength(2);
  });

  it('has the weather of the latest storm, and the one before once that is over', () => {
    const { timeline, arrived, sendMany, network } = build();
    const calm = network.degrade({ ...perfect, lossChance: 1 });
    sendMany(5);
    calm();
    sendMany(5);
    timeline.run(100);
    expect(arrived).toHaveLength(5);
  });
});
