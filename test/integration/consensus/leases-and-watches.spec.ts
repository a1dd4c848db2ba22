import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventBody } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { ConsensusGroup } from './consensus-group.js';

type Changed = EventBody<'consensus.changed'>;

/** Follows the changes as any client can: what it knows already is passed over, and a gap is seen. */
class Watcher {
  readonly seen: Changed['changes'] = [];
  gaps = 0;
  private known: number;

  constructor(group: ConsensusGroup, knownIndex: number) {
    this.known = knownIndex;
    group.nats.subscribe('nexus.events.consensus.changed', {
      callback: (_error, message) => this.take(message.json<Changed>()),
    });
  }

  private take({ previousIndex, changes }: Changed): void {
    if (previousIndex > this.known) this.gaps += 1;
    const news = changes.filter(({ index }) => index > this.known);
    this.seen.push(...news);
    this.known = Math.max(this.known, ...news.map(({ index }) => index));
  }
}

describe('leases and elections, over the wire', () => {
  let group: ConsensusGroup;

  beforeAll(async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
  });
  afterAll(() => group.stop());

  it('end by the clock of the log, and are told as they end', async () => {
    const watcher = new Watcher(group, (await group.settled()).replicas[0]?.appliedIndex ?? 0);
    const lease = await group.propose({ type: 'lease.acquire', resource: 'gpu', owner: 'x', ttlMs: 300 });
    await expect(
      group.propose({ type: 'lease.acquire', resource: 'gpu', owner: 'y', ttlMs: 300 }),
    ).rejects.toMatchObject({ fault: { code: 'conflict' } });
    await eventually('the lease ended', () =>
      watcher.seen.find((change) => change.kind === 'lease' && change.owner === null),
    );
    const next = await group.propose({ type: 'lease.acquire', resource: 'gpu', owner: 'y', ttlMs: 60_000 });
    expect(next.fencingToken).toBeGreaterThan(lease.fencingToken ?? Infinity);
    await expect(
      group.propose({
        ...{ type: 'put', key: 'work', value: 1 },
        fence: { resource: 'gpu', token: lease.fencingToken },
      }),
    ).rejects.toMatchObject({ fault: { code: 'conflict' } });
    expect(watcher.gaps).toBe(0);
  });

  it('pass an office on when whoever holds it is silent', async () => {
    const held = await group.propose({ type: 'campaign', election: 'boss', candidate: 'x', ttlMs: 500 });
    await group.propose({ type: 'campaign', election: 'boss', candidate: 'y', ttlMs: 60_000 });
    const after = await eventually('y holds the office', async () => {
      const reading = await group.read({ election: 'boss' });
      return reading['leader'] === 'y' && reading;
    });
    expect(after['fencingToken']).toBeGreaterThan(held.fencingToken ?? Infinity);
  });
});

describe('a watcher', () => {
  it('misses nothing while leaders come and go', async () => {
    const group = await ConsensusGroup.start({ storage: 'lmdb' });
    try {
      const watcher = new Watcher(group, (await group.settled()).replicas[0]?.appliedIndex ?? 0);
      await group.nats.flush();
      const indexes: number[] = [];
      const load = async (from: number) => {
        for (let n = from; n < from + 40; n += 1) {
          // Who asked the replica that goes may not hear of it: then it is asked again, under the same name.
          const done = await eventually('the proposal is done', () =>
            group
              .propose({ type: 'put', key: `w.${n}`, value: n }, { requestId: `w-${n}` })
              .catch(() => undefined),
          );
          indexes.push(done.index);
        }
      };
      for (let round = 0; round < 3; round += 1) {
        const loads = [load(round * 1_000), load(round * 1_000 + 100)];
        const leader = await eventually('a leader', async () => (await group.status()).leader);
        await group.crashReplica(leader);
        await Promise.all(loads);
        await group.startReplica(leader);
        await group.settled();
      }
      await eventually('the last change was told', () =>
        watcher.seen.some(({ index }) => index >= Math.max(...indexes)),
      );
      const seen = new Set(watcher.seen.map(({ index }) => index));
      expect(indexes.filter((index) => !seen.has(index))).toEqual([]);
      expect(watcher.gaps).toBe(0);
    } finally {
      await group.stop();
    }
  });
});
