import { afterEach, describe, expect, it } from '@jest/globals';
import { type DurableState, type LogStore, type MemberId, type Message, type Write } from '@nexus/core/raft';
import { InMemoryLog, InMemoryLogStore } from '@nexus/platform/log-store';
import { eventually } from '@nexus/testing';
import { timings } from '../timing.js';
import { type PeerLink, type ReceivePeer } from '../transport/peer-link.js';
import { type Clock } from './clock.js';
import { raftOptionsOf } from './raft-bounds.js';
import { Replica } from './replica.js';
import { type Submitted } from './submission.js';

const ids = ['a.1', 'b.1', 'c.1'] as MemberId[];

/** The network of one process: what is sent arrives in a later turn, unless somebody is cut off. */
class Peers {
  readonly cut = new Set<MemberId>();
  readonly sent: { readonly from: MemberId; readonly to: MemberId; readonly message: Message }[] = [];
  private readonly receivers = new Map<MemberId, ReceivePeer>();

  linkOf(self: MemberId): PeerLink {
    return {
      send: (to, message) => {
        this.sent.push({ from: self, to, message });
        setImmediate(() => {
          if (!this.cut.has(self) && !this.cut.has(to)) this.receivers.get(to)?.(self, message);
        });
      },
      flush: () => undefined,
      listen: (receive) => {
        this.receivers.set(self, receive);
        return () => this.receivers.delete(self);
      },
    };
  }
}

/** A disk that works until it is told to fail, or holds every write back until it is let go. */
class FaultyStore implements LogStore {
  failing = false;
  private held: (() => void)[] | undefined;

  constructor(private readonly store: LogStore) {}

  get storeId(): string {
    return this.store.storeId;
  }

  load(): Promise<DurableState> {
    return this.store.load();
  }

  async write(write: Write): Promise<void> {
    if (this.failing) throw new Error('no space left on device');
    await this.store.write(write);
    const { held } = this;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
  }

  async stage(image: Uint8Array): Promise<void> {
    if (this.failing) throw new Error('no space left on device');
    await this.store.stage(image);
  }

  hold(): void {
    this.held = [];
  }

  letGo(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const resolve of held) resolve();
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

const base = { index: 0, term: 0, configuration: { voters: ids, learners: [] }, image: new Uint8Array(0) };
const hardState = { term: 0, votedFor: null, commit: 0 };
const running: Replica[] = [];

async function startMember(
  self: MemberId,
  peers: Peers,
  fields: { voters?: MemberId[]; clock?: Clock } = {},
) {
  const store = new FaultyStore(await InMemoryLogStore.open(new InMemoryLog()));
  const { voters = ids, clock } = fields;
  const snapshot = { ...base, configuration: { voters, learners: [] } };
  const timing = { ...timings.local, tickMs: 5 };
  const replica = new Replica({
    raft: raftOptionsOf({ self, timing, entriesRetained: 10, bodyBytesMax: 1_000_000 }),
    ...{ tickMs: timing.tickMs, images: { entries: 50, bytes: 1_000_000 }, store },
    durable: { hardState, snapshot, entries: [] },
    link: peers.linkOf(self),
    ...(clock && { clock }),
  });
  running.push(replica);
  replica.start();
  return { replica, store };
}

const put = (replica: Replica, key: string): Promise<Submitted> =>
  new Promise((resolve) => {
    replica.submit({ command: { type: 'put', key, value: key } }, resolve);
  });

async function startGroup() {
  const peers = new Peers();
  const members = await Promise.all(ids.map((id) => startMember(id, peers)));
  const leader = await eventually('a leader', () => members.find(({ replica }) => replica.leads));
  const others = members.filter((member) => member !== leader);
  return { peers, members, leader, others };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((replica) => replica.stop()));
});

describe('Replica', () => {
  it('answers each of many proposals once, when it is applied', async () => {
    const { leader } = await startGroup();
    const done = await Promise.all(Array.from({ length: 500 }, (_, n) => put(leader.replica, `k.${n}`)));
    const indexes = done.map((submitted) => submitted.kind === 'applied' && submitted.outcome.index);
    expect(new Set(indexes).size).toBe(500);
  });

  it('refuses at once where it does not lead', async () => {
    const { others } = await startGroup();
    const [follower] = others;
    expect(await put(follower!.replica, 'k')).toEqual({ kind: 'refused', reason: 'not_leader' });
  });

  it('tells who waits that the outcome is unknown when it leads no more (R22)', async () => {
    const { peers, leader, others } = await startGroup();
    peers.cut.add(leader.replica.self);
    const lost = put(leader.replica, 'lost');
    await eventually('another leader', () => others.find(({ replica }) => replica.leads));
    expect(await lost).toEqual({ kind: 'unknown' });
  });

  it('serves no read from a leader that was cut off (R16)', async () => {
    const { peers, leader } = await startGroup();
    peers.cut.add(leader.replica.self);
    const read = await new Promise((resolve) => leader.replica.read({ key: 'k' }, resolve));
    expect(read).toEqual({ kind: 'refused', reason: 'not_leader' });
  });

  it('sends nothing before what it says is durable (R1)', async () => {
    const { peers, leader, others } = await startGroup();
    for (const { store } of others) store.hold();
    peers.sent.length = 0;
    let settled = false;
    const done = put(leader.replica, 'k').finally(() => {
      settled = true;
    });
    const index = await eventually('the entry is on its way', () => {
      const append = peers.sent.find(
        ({ message }) => message.kind === 'append_request' && message.entries.length > 0,
      );
      return append?.message.kind === 'append_request' && append.message.prevIndex + 1;
    });
    await eventually('heartbeats go on', () =>
      others.every(({ replica }) =>
        peers.sent.some(({ from, message }) => from === replica.self && message.kind === 'heartbeat_reply'),
      ),
    );
    const accepted = peers.sent.filter(
      ({ message }) => message.kind === 'append_accepted' && message.matchIndex >= index,
    );
    expect(accepted).toEqual([]);
    expect(settled).toBe(false);
    for (const { store } of others) store.letGo();
    expect(await done).toMatchObject({ kind: 'applied' });
  });

  it('stops for good when its store fails, and the others go on (R25)', async () => {
    const { peers, leader, others } = await startGroup();
    const failures: string[] = [];
    leader.replica.watch({ failed: (error) => failures.push(error.message) });
    await put(leader.replica, 'kept');
    leader.store.failing = true;
    const unsure = await put(leader.replica, 'unsure');
    expect(unsure.kind).not.toBe('refused');
    expect(failures).toEqual(['no space left on device']);
    expect(leader.replica.leads).toBe(false);
    peers.sent.length = 0;
    const next = await eventually('another leader', () => others.find(({ replica }) => replica.leads));
    expect(peers.sent.filter(({ from }) => from === leader.replica.self)).toEqual([]);
    expect(await put(leader.replica, 'late')).toEqual({ kind: 'refused', reason: 'stopped' });
    await put(next.replica, 'more');
    expect(next.replica.readLocal({ key: 'kept' })).toMatchObject({ value: 'kept' });
  });

  it('replaces its log by an image once it is long enough (R20)', async () => {
    const { leader } = await startGroup();
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 40 }, (_, n) => put(leader.replica, `k.${n}`)));
    }
    const status = await eventually('an image', () => {
      const now = leader.replica.status();
      return now.snapshotIndex >= 100 && now;
    });
    expect(status.firstIndex).toBeGreaterThan(1);
    expect(leader.replica.readLocal({ key: 'k.7' })).toMatchObject({ value: 'k.7' });
  });

  it('ends leases by an entry of its own when nobody asks', async () => {
    const { leader, others } = await startGroup();
    const command = { type: 'lease.acquire', resource: 'r', owner: 'o', ttlMs: 100 } as const;
    await new Promise((resolve) => leader.replica.submit({ command }, resolve));
    await eventually('a follower saw it end', () => {
      const reading = others[0]!.replica.readLocal({ resource: 'r' });
      return 'owner' in reading && reading.owner === null && reading.index > 2;
    });
  });
});

/** Time and turns by hand. */
class HandClock implements Clock {
  private readonly ticks: (() => void)[] = [];
  private turns: (() => void)[] = [];

  nowMs(): number {
    return 0;
  }

  every(_periodMs: number, work: () => void): () => void {
    this.ticks.push(work);
    return () => undefined;
  }

  afterArrivals(work: () => void): void {
    this.turns.push(work);
  }

  /** The timer fires late, once. */
  tick(): void {
    for (const work of this.ticks) work();
  }

  turn(): void {
    for (const work of this.turns.splice(0)) work();
  }
}

describe('a replica whose process was held up', () => {
  it('counts a late tick as one, and hears what had arrived before it judges its leader', async () => {
    const clock = new HandClock();
    const peers = new Peers();
    const { replica } = await startMember(ids[0]!, peers, { clock });
    const leader = ids[1]!;
    const hear = (message: Message) => {
      peers.linkOf(leader).send(ids[0]!, message);
      return new Promise((resolve) => setImmediate(resolve));
    };
    const heartbeat = { kind: 'heartbeat', term: 1, commit: 0, round: 0 } as const;
    for (let beat = 0; beat < 300; beat += 1) {
      // The timer fires first, as it does in a process that wakes up; the heartbeat is in the socket by then.
      clock.tick();
      await hear(heartbeat);
      clock.turn();
      expect(replica.standing).toMatchObject({ role: 'follower', term: 1, leader });
    }
  });
});
