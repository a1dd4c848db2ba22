import { describe, expect, it } from '@jest/globals';
import { byNode, predicted } from './node-figures.js';

const features = { latencyMs: 10, inFlight: 3, occupancy: 0.5, reportedLoad: 0.4 };
const work = (node: string, count: number, latencyMs: number) =>
  Array.from({ length: count }, () => ({ node, features: { ...features, latencyMs } }));
const predict = ({ latencyMs, inFlight }: typeof features) => latencyMs * inFlight;
const model = { usable: true, predict };
const agents = (...nodes: string[]) => new Map(nodes.map((node) => [node, 2]));
const msOf = (nodes: ReturnType<typeof predicted>) => nodes.map(({ predictedMs }) => predictedMs);

describe('predicted', () => {
  const known = byNode([...work('a', 20, 10), ...work('b', 30, 20), ...work('c', 19, 90)]);

  it('takes a node of which too little is known for like the others, without load', () => {
    expect(msOf(predicted(agents('a', 'b', 'c', 'd'), known, model))).toEqual([30, 60, 15, 15]);
    expect(predicted(agents('a', 'b', 'c'), known, model)[2]).toEqual({
      ...{ node: 'c', agents: 2, samples: 19, predictedMs: 15 },
    });
  });

  it('says nothing of the others where less than half is known', () => {
    expect(msOf(predicted(agents('a', 'c', 'd'), known, model))).toEqual([30, null, null]);
    expect(msOf(predicted(agents('c'), known, model))).toEqual([null]);
  });

  it('says nothing without a model that knows more than what was measured', () => {
    expect(msOf(predicted(agents('a', 'b'), known, { usable: false, predict }))).toEqual([null, null]);
    expect(msOf(predicted(agents('a', 'b'), known, undefined))).toEqual([null, null]);
  });
});
