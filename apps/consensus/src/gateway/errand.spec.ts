import { describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { Errand } from './errand.js';
import { type Work } from './work.js';

const [a, b] = ['a', 'b'] as ReplicaId[] as [ReplicaId, ReplicaId];
const errandOf = (work: Work) => new Errand(work, 0, () => undefined);
const reading = () => errandOf({ kind: 'read', query: { key: 'k' } });
const removal = () => errandOf({ kind: 'members.remove', replicaId: b, withinMs: 1 });

describe('Errand', () => {
  it('may take effect while an attempt is open, and for good once one was lost', () => {
    const errand = reading();
    expect(errand.mayTakeEffect).toBe(false);
    errand.sent(1, a, 0);
    expect(errand.mayTakeEffect).toBe(true);
    errand.refused(1);
    expect(errand.mayTakeEffect).toBe(false);
    errand.sent(2, a, 0);
    errand.abandoned(2);
    errand.sent(3, a, 0);
    errand.refused(3);
    expect(errand.mayTakeEffect).toBe(true);
  });

  it('goes to another leader at any time when it may be repeated', () => {
    const errand = reading();
    expect(errand.maySend(a)).toBe(true);
    errand.sent(1, a, 0);
    expect([errand.maySend(a), errand.maySend(b)]).toEqual([false, true]);
    errand.abandoned(1);
    expect([errand.maySend(a), errand.maySend(b)]).toEqual([true, true]);
  });

  it('goes again only where it certainly was not begun when it may not', () => {
    const errand = removal();
    errand.sent(1, a, 0);
    expect(errand.maySend(b)).toBe(false);
    errand.refused(1);
    expect(errand.maySend(b)).toBe(true);
    errand.sent(2, b, 0);
    errand.abandoned(2);
    expect([errand.maySend(a), errand.maySend(b)]).toEqual([false, false]);
  });
});
