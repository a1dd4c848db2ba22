import { describe, expect, it } from '@jest/globals';
import { type CoordinateReply, limits, NexusError } from '@nexus/contracts';
import { Deadline } from '../coordination/deadline.js';
import { IdempotentRequests, type IdempotentRun } from './idempotent-requests.js';
import { type Claim, type OutcomeStore, type RequestKey } from './outcome-store.js';

interface Stored {
  readonly fingerprint: string;
  readonly owner: string;
  readonly outcome?: string;
  readonly forMs: number;
}

/** The port in memory; time in it stands still. */
class InMemoryOutcomeStore implements OutcomeStore {
  readonly records = new Map<string, Stored>();
  /** What the next calls fail with. */
  broken: NexusError | undefined;
  /** What the next claim fails with although it is carried out. */
  unheard: NexusError | undefined;

  async claim(request: Parameters<OutcomeStore['claim']>[0]): Promise<Claim> {
    this.check();
    const claim = this.carryOut(request);
    const { unheard } = this;
    this.unheard = undefined;
    if (unheard) throw unheard;
    return claim;
  }

  private carryOut(request: Parameters<OutcomeStore['claim']>[0]): Claim {
    const { fingerprint, owner, leaseMs } = request;
    const stored = this.records.get(keyOf(request));
    if (!stored) {
      this.records.set(keyOf(request), { fingerprint, owner, forMs: leaseMs });
      return { kind: 'claimed' };
    }
    if (stored.fingerprint !== fingerprint) return { kind: 'conflict' };
    if (stored.outcome === undefined) return { kind: 'running' };
    return { kind: 'done', outcome: Buffer.from(stored.outcome) };
  }

  async complete(request: Parameters<OutcomeStore['complete']>[0]): Promise<void> {
    this.check();
    const { fingerprint, owner, outcome, keepMs } = request;
    this.records.set(keyOf(request), { fingerprint, owner, outcome, forMs: keepMs });
  }

  async release(request: Parameters<OutcomeStore['release']>[0]): Promise<void> {
    this.check();
    if (this.records.get(keyOf(request))?.owner === request.owner) this.records.delete(keyOf(request));
  }

  private check(): void {
    if (this.broken) throw this.broken;
  }
}

const keyOf = ({ user, requestId }: RequestKey) => JSON.stringify([user, requestId]);
const key = { user: 'ann', requestId: 'r-1' };
const reply = (coordinationId: string) => ({ coordinationId, result: {} }) as CoordinateReply;

function requestOf(run: () => Promise<CoordinateReply>, more: Partial<IdempotentRun> = {}): IdempotentRun {
  return { key, fingerprint: 'f', deadline: new Deadline(10_000), run, hasSent: () => true, ...more };
}

function twoReplicas() {
  const store = new InMemoryOutcomeStore();
  return { store, one: new IdempotentRequests(store, 'one'), two: new IdempotentRequests(store, 'two') };
}

const never = () => Promise.reject(new Error('must not run'));

describe('IdempotentRequests', () => {
  it('runs a request once and gives its repeats the first outcome', async () => {
    const { one, two } = twoReplicas();
    expect(await one.once(requestOf(async () => reply('first')))).toEqual(reply('first'));
    expect(await one.once(requestOf(never))).toEqual(reply('first'));
    expect(await two.once(requestOf(never))).toEqual(reply('first'));
  });

  it('lets a repeat wait for the first that still runs', async () => {
    const { one, two } = twoReplicas();
    let finish: (outcome: CoordinateReply) => void = () => undefined;
    const first = one.once(requestOf(() => new Promise((resolve) => (finish = resolve))));
    const repeats = [two.once(requestOf(never)), one.once(requestOf(never))];
    await new Promise((resolve) => setImmediate(resolve));
    finish(reply('first'));
    expect(await Promise.all([first, ...repeats])).toEqual([reply('first'), reply('first'), reply('first')]);
  });

  it('refuses another request under the same id', async () => {
    const { one, two } = twoReplicas();
    await one.once(requestOf(async () => reply('first')));
    const other = two.once(requestOf(never, { fingerprint: 'g' }));
    await expect(other).rejects.toMatchObject({ code: 'conflict', details: [{ path: 'requestId' }] });
  });

  it('tells callers apart', async () => {
    const { one } = twoReplicas();
    await one.once(requestOf(async () => reply('ann’s')));
    const bob = requestOf(async () => reply('bob’s'), { key: { ...key, user: 'bob' } });
    expect(await one.once(bob)).toEqual(reply('bob’s'));
  });

  it('repeats a failure after something was sent', async () => {
    const { one, two } = twoReplicas();
    const fault = new NexusError('unavailable', 'half way', { retryAfterMs: 5 });
    await expect(one.once(requestOf(() => Promise.reject(fault)))).rejects.toBe(fault);
    await expect(two.once(requestOf(never))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'half way',
      retryAfterMs: 5,
    });
  });

  it('throws a bug as it was thrown, and repeats it as an internal error', async () => {
    const { one, two } = twoReplicas();
    const bug = new TypeError('a bug');
    await expect(one.once(requestOf(() => Promise.reject(bug)))).rejects.toBe(bug);
    await expect(two.once(requestOf(never))).rejects.toMatchObject({ code: 'internal' });
  });

  it('runs again after a failure before anything was sent', async () => {
    const { store, one, two } = twoReplicas();
    const fault = new NexusError('not_found', 'nobody');
    const failing = requestOf(() => Promise.reject(fault), { hasSent: () => false });
    await expect(one.once(failing)).rejects.toBe(fault);
    expect(store.records.size).toBe(0);
    expect(await two.once(requestOf(async () => reply('second')))).toEqual(reply('second'));
  });

  it('claims for the deadline and the window, and keeps for the window', async () => {
    const { store, one } = twoReplicas();
    let claimedForMs = 0;
    await one.once(
      requestOf(async () => {
        claimedForMs = store.records.get(keyOf(key))!.forMs;
        return reply('first');
      }),
    );
    expect(claimedForMs).toBe(10_000 + limits.idempotencyWindowMs);
    expect(store.records.get(keyOf(key))!.forMs).toBe(120_000);
  });

  it('says that the outcome is unknown when the first does not end in time', async () => {
    const { store, two } = twoReplicas();
    store.records.set(keyOf(key), { fingerprint: 'f', owner: 'a dead one', forMs: 1 });
    const repeat = two.once(requestOf(never, { deadline: new Deadline(30) }));
    await expect(repeat).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
  });

  it('runs nothing while the store is away', async () => {
    const { store, one } = twoReplicas();
    store.broken = new NexusError('unavailable', 'no store');
    await expect(one.once(requestOf(never))).rejects.toBe(store.broken);
  });

  it('answers even when the outcome cannot be kept, and does not run the repeat', async () => {
    const { store, one } = twoReplicas();
    const first = one.once(
      requestOf(async () => {
        store.broken = new NexusError('unavailable', 'no store');
        return reply('first');
      }),
    );
    expect(await first).toEqual(reply('first'));
    store.broken = undefined;
    const repeat = one.once(requestOf(never, { deadline: new Deadline(30) }));
    await expect(repeat).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each(['one', 'two'] as const)(
    'runs a repeat at replica %s after a claim that was carried out unheard',
    async (replica) => {
      const { store, ...replicas } = twoReplicas();
      const fault = new NexusError('unavailable', 'no answer in time');
      store.unheard = fault;
      await expect(replicas.one.once(requestOf(never))).rejects.toBe(fault);
      const repeat = requestOf(async () => reply('second'), { deadline: new Deadline(5_000) });
      expect(await replicas[replica].once(repeat)).toEqual(reply('second'));
    },
  );

  it('gives no running claim back when another attempt was not heard', async () => {
    const { store, one } = twoReplicas();
    let finish: (outcome: CoordinateReply) => void = () => undefined;
    const first = one.once(requestOf(() => new Promise((resolve) => (finish = resolve))));
    await new Promise((resolve) => setImmediate(resolve));
    store.unheard = new NexusError('unavailable', 'no answer in time');
    await expect(one.once(requestOf(never))).rejects.toMatchObject({ code: 'unavailable' });
    expect(store.records.size).toBe(1);
    finish(reply('first'));
    await first;
    expect(await one.once(requestOf(never))).toEqual(reply('first'));
  });

  it('keeps no outcome that is too large, and says so to the repeat', async () => {
    const { one } = twoReplicas();
    const large = reply('x'.repeat(1024 * 1024));
    expect(await one.once(requestOf(async () => large))).toBe(large);
    await expect(one.once(requestOf(never))).rejects.toMatchObject({ code: 'payload_too_large' });
  });
});

describe('IdempotentRequests: what may run again', () => {
  const again = (
    run: (repeated: boolean) => Promise<CoordinateReply>,
    more: Partial<IdempotentRun> = {},
  ) => ({
    ...requestOf(never, more),
    run,
    mayRunAgain: true,
  });

  it.each(['unknown', 'not_leader', 'unavailable'] as const)(
    'runs again after %s, as a repeat, whoever is asked and however often',
    async (code) => {
      const { one, two } = twoReplicas();
      const fault = new NexusError(code, 'no leader');
      await expect(one.once(again(() => Promise.reject(fault)))).rejects.toBe(fault);
      for (const replica of [two, one]) {
        expect(await replica.once(again(async (repeated) => reply(`repeated: ${repeated}`)))).toEqual(
          reply('repeated: true'),
        );
      }
    },
  );

  it('repeats any other failure without running', async () => {
    const { one, two } = twoReplicas();
    const fault = new NexusError('conflict', 'somebody was faster');
    await expect(one.once(again(() => Promise.reject(fault)))).rejects.toBe(fault);
    await expect(two.once(again(never))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('runs in the second half of its time when the first coordinator does not come to an end', async () => {
    const { store, two } = twoReplicas();
    store.records.set(keyOf(key), { fingerprint: 'f', owner: 'a dead one', forMs: 1 });
    const repeat = again(async (repeated) => reply(`repeated: ${repeated}`), { deadline: new Deadline(60) });
    expect(await two.once(repeat)).toEqual(reply('repeated: true'));
  });
});
