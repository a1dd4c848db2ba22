import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Demotion, type IntelligenceSnapshot, type Probation } from '@nexus/contracts';
import { Orders } from './orders.js';

const long = new Date(0).toISOString();
const probation = (agentId: string, share: number, remainingMs: number) =>
  ({ agentId, share, remainingMs, reason: 'slow', since: long, until: long }) as Probation;
const demotion = (maxLayer: Demotion['maxLayer'], remainingMs: number): Demotion => ({
  ...{ type: 'gather', maxLayer, remainingMs, reason: 'slow', since: long, until: long },
});
const snapshotOf = (orders: Partial<IntelligenceSnapshot>): IntelligenceSnapshot => ({
  ...{ epoch: 'e', revision: 1, strategies: [], latency: null, probation: [], demotions: [] },
  ...orders,
});

describe('Orders', () => {
  let nowMs = 0;
  let tell: (snapshot: IntelligenceSnapshot) => void;
  let shares: Record<string, number>[];
  let orders: Orders;

  beforeEach(() => {
    jest.useFakeTimers();
    nowMs = 0;
    shares = [];
    const follow = (listener: (snapshot: IntelligenceSnapshot) => void) => {
      tell = listener;
      listener(snapshotOf({}));
      return () => undefined;
    };
    const loads = {
      setProbation: (of: ReadonlyMap<string, number>) => void shares.push(Object.fromEntries(of)),
    };
    orders = new Orders({ follow }, loads, () => nowMs);
  });

  afterEach(() => {
    orders.stop();
    jest.useRealTimers();
  });

  const wait = (ms: number) => {
    nowMs += ms;
    jest.advanceTimersByTime(ms);
  };

  it('puts agents on probation for as long as was said, whatever the clocks of others say', () => {
    tell(snapshotOf({ probation: [probation('a', 0.25, 5_000), probation('b', 0, 2_000)] }));
    expect(shares).toEqual([{ a: 0.25, b: 0 }]);
    wait(3_000);
    expect(shares.at(-1)).toEqual({ a: 0.25 });
    wait(3_000);
    expect(shares.at(-1)).toEqual({});
    wait(10_000);
    expect(shares).toHaveLength(3);
  });

  it('takes back what is ordered no more', () => {
    tell(snapshotOf({ probation: [probation('a', 0.25, 60_000)] }));
    tell(snapshotOf({ revision: 2 }));
    expect(shares).toEqual([{ a: 0.25 }, {}]);
  });

  it('caps the layer of a demoted type, of no other, and not for longer than was said', () => {
    tell(snapshotOf({ demotions: [demotion('performance', 2_000)] }));
    expect([orders.cap('gather', 'adaptive'), orders.cap('broadcast', 'adaptive')]).toEqual([
      'performance',
      'adaptive',
    ]);
    expect(orders.cap('gather', 'foundation')).toBe('foundation');
    expect([orders.isDemoted('gather'), orders.isDemoted('broadcast')]).toEqual([true, false]);
    wait(3_000);
    expect([orders.cap('gather', 'adaptive'), orders.isDemoted('gather')]).toEqual(['adaptive', false]);
  });
});
