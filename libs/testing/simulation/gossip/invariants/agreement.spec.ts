import { describe, expect, it } from '@jest/globals';
import { type MemberId, type MemberView } from '@nexus/core/gossip';
import { Coverage } from '../../coverage.js';
import { type Observer } from '../stepped.js';
import { Truth } from '../truth.js';
import { Agreement } from './agreement.js';

const idOf = (text: string) => text as MemberId;

const viewOf = (id: string, generation: number): MemberView => ({
  ...{ id: idOf(id), kind: 'relay', generation, status: 'alive', maxVersion: 1 },
  ...{ heartbeat: 1, phi: 0, silentMs: 0, vitals: '' },
});

/** m1 says that all know m2's first life, and m3 shows nothing of m2. */
const world = () => {
  const truth = new Truth();
  const first = truth.begin(idOf('m2'), 10, 0);
  const observer = (id: string, views: readonly MemberView[], versions: readonly [string, number][]) => ({
    ...{ id: idOf(id), kind: 'relay' as const, life: truth.begin(idOf(id), 1, 0), localMs: 0 },
    views: new Map(views.map((view) => [view.id, view])),
    convergence: {
      ...{ converged: true, waitingFor: [] },
      versions: new Map(versions.map(([of, version]) => [idOf(of), version])),
    },
    keysOf: () => new Map<string, string>(),
  });
  const others = [viewOf('m2', 10), viewOf('m3', 1)];
  const m1: Observer = observer('m1', others, [
    ['m2', 1],
    ['m3', 1],
  ]);
  const m3: Observer = observer('m3', [viewOf('m3', 1)], []);
  return { truth, first, judge: () => new Agreement(() => [m1, m3], truth, new Coverage()).judge(m1) };
};

describe('what is said to be converged', () => {
  const promise = 'what is called converged is known to everybody';

  it('may be the life of one who said goodbye, and whose next life is not yet seen alive', () => {
    const { truth, first, judge } = world();
    [first.left, first.endedAtMs] = [true, 5];
    truth.begin(idOf('m2'), 20, 6);
    expect(judge).not.toThrow();
  });

  it('is not so while a life lasts that somebody does not know', () => {
    expect(world().judge).toThrow(promise);
  });

  it('is not so of one who said goodbye and did not come back', () => {
    const { first, judge } = world();
    [first.left, first.endedAtMs] = [true, 5];
    expect(judge).toThrow(promise);
  });

  it('is not so of one who died and came back', () => {
    const { truth, first, judge } = world();
    first.endedAtMs = 5;
    truth.begin(idOf('m2'), 20, 6);
    expect(judge).toThrow(promise);
  });
});
