import { afterEach, describe, expect, it } from '@jest/globals';
import { ReplicatedState } from '@nexus/core/replicated-state';
import {
  type DurableState,
  type Entry,
  type LogStore,
  type MemberId,
  type Message,
  type Write,
} from '@nexus/core/raft';
import { InMemoryLog, InMemoryLogStore } from '@nexus/platform/log-store';
import { eventually } from '@nexus/testing';
import { timings } from '../timing.js';
import { type PeerLink } from '../transport/peer-link.js';
import { InProcessNetwork } from '../transport/testdata/in-process-network.js';
import { type Clock } from './clock.js';
import { encodeImage } from './image-codec.js';
import { encodeProposal } from './proposal-codec.js';
import { raftOptionsOf } from './raft-bounds.js';
import { Replica } from './replica.js';
import { type Submitted } from './submission.js';

const ids = ['a.1', 'b.1', 'c.1'] as MemberId[];

/** A network that is listened to, and fails to carry a message now and then. */
class Peers {
  private readonly network = new InProcessNetwork();
  readonly sent: { readonly from: MemberId; readonly to: MemberId; readonly message: Message }[] = [];
  /** Throws, once, when such a message is to leave. */
  broken: Message['kind'] | undefined;

  get cut(): Set<MemberId> {
    return this.network.cut;
  }

  linkOf(self: MemberId): PeerLink {
    return this.network.linkOf(self, (to, message) => {
      if (message.kind === this.broken) {
        this.broken = undefined;
        throw new Error('no way to say it');
      }
      this.sent.push({ from: self, to, message });
    });
  }
}

/** A disk that works until it is told to fail, or holds every write back until it is let go. */
class FaultyStore implements LogStore {
  failing = false;
  readonly snapshots: Uint8Array[] = [];
  readonly staged: Uint8Array[] = [];
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
    if (write.snapshot !== undefined) this.snapshots.push(write.snapshot.image);
    await this.store.write(write);
    const { held } = this;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
  }

  async stage(image: Uint8Array): Promise<void> {
    if (this.failing) throw new Error('no space left on device');
    await this.store.stage(image);
    this.staged.push(image);
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
  fields: { voters?: MemberId[]; clock?: Clock; entries?: readonly Entry[]; image?: Uint8Array } = {},
) {
  const log = new InMemoryLog();
  const { voters = ids, clock, entries = [], image = new Uint8Array(0) } = fields;
  log.entries.push(...entries);
  const store = new FaultyStore(await InMemoryLogStore.open(log));
  const snapshot = { ...base, configuration: { voters, learners: [] }, image };
  // Patient: an election that nobody meant, on a busy machine, would be another test.
  const timing = { ...timings.local, tickMs: 5, electionMsMin: 700, electionMsMax: 1_200 };
  const replica = new Replica({
    raft: raftOptionsOf({ self, timing, entriesRetained: 10, bodyBytesMax: 1_000_000 }),
    ...{ tickMs: timing.tickMs, images: { entries: 50, bytes: 1_000_000 }, store },
    durable: { hardState: { ...hardState, term: entries.at(-1)?.term ?? 0 }, snapshot, entries },
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

  it('sends nothing before what it says is durable (R1), and heartbeats meanwhile (R18)', async () => {
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
    // All of them were on the disk before the write that refers to them.
    const { snapshots, staged } = leader.store;
    expect(snapshots.length).toBeGreaterThan(0);
    for (const image of snapshots) expect(staged).toContain(image);
    expect(leader.replica.readLocal({ key: 'k.7' })).toMatchObject({ value: 'k.7' });
  });

  it('says that the outcome is unknown when it breaks after the entry went to the disk', async () => {
    const { peers, leader } = await startGroup();
    const failures: string[] = [];
    leader.replica.watch({ failed: (error) => failures.push(error.message) });
    peers.broken = 'append_request';
    expect(await put(leader.replica, 'recorded')).toEqual({ kind: 'unknown' });
    expect(failures).toEqual(['no way to say it']);
  });

  it('stops for good when it cannot say what its disk has taken', async () => {
    const { peers, leader, others } = await startGroup();
    const failures: MemberId[] = [];
    for (const { replica } of others) replica.watch({ failed: () => failures.push(replica.self) });
    peers.broken = 'append_accepted';
    void put(leader.replica, 'k');
    await eventually('it gave up', () => failures.length === 1);
  });

  it('remembers when a member was heard, whoever else claims a name', async () => {
    const { peers, leader, others } = await startGroup();
    const [heard] = others;
    const { self } = leader.replica;
    peers.cut.add(heard!.replica.self);
    for (let n = 0; n < 300; n += 1) {
      peers.linkOf(`forged-${n}.1` as MemberId).send(self, { kind: 'vote_reply', term: 0, granted: false });
    }
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(leader.replica.silentMs(heard!.replica.self)).toBeLessThan(60_000);
    expect(leader.replica.silentMs('forged-7.1' as MemberId)).toBe(Number.POSITIVE_INFINITY);
    expect(leader.replica.silentTicksOf(heard!.replica.self)).toBeLessThan(1_000);
    expect(leader.replica.silentTicksOf('forged-7.1' as MemberId)).toBe(Number.POSITIVE_INFINITY);
  });

  it('sends what gathered to the others though its own disk stalls', async () => {
    const { peers, leader, others } = await startGroup();
    for (const { store } of [leader, ...others]) store.hold();
    const answers = ['a', 'b', 'c'].map((key) => put(leader.replica, key));
    await new Promise((resolve) => setImmediate(resolve));
    // By now the write of the first three is under way: these gather.
    answers.push(...['d', 'e'].map((key) => put(leader.replica, key)));
    const sentEntries = () =>
      peers.sent.flatMap(({ to, message }) =>
        to === others[0]!.replica.self && message.kind === 'append_request' ? message.entries : [],
      );
    await eventually(
      'all five are on their way',
      () => sentEntries().filter(({ kind }) => kind === 'command').length >= 5,
    );
    for (const { store } of [leader, ...others]) store.letGo();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'applied' });
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

const putEntry = (index: number): Entry => ({
  ...{ index, term: 1, kind: 'command' },
  command: encodeProposal({ atMs: index, command: { type: 'put', key: `k.${index}`, value: index } }),
});

describe('a replica with much to apply', () => {
  const leader = ids[1]!;

  it('applies some of it each turn, and answers its leader in between', async () => {
    const clock = new HandClock();
    const peers = new Peers();
    const entries = Array.from({ length: 9_000 }, (_, n) => putEntry(n + 1));
    const { replica } = await startMember(ids[0]!, peers, { clock, entries });
    const hear = (message: Message) => {
      peers.linkOf(leader).send(ids[0]!, message);
      return new Promise((resolve) => setImmediate(resolve));
    };
    await hear({ kind: 'heartbeat', term: 1, commit: 9_000, round: 0 });
    let turns = 0;
    for (; replica.appliedIndex < 9_000 && turns < 100; turns += 1) {
      const before = replica.appliedIndex;
      await hear({ kind: 'heartbeat', term: 1, commit: 9_000, round: turns });
      clock.turn();
      expect(replica.appliedIndex - before).toBeLessThanOrEqual(2_000);
      expect(peers.sent.at(-1)).toMatchObject({ to: leader, message: { round: turns } });
    }
    expect(turns).toBeGreaterThan(4);
    expect(replica.readLocal({ key: 'k.9000' })).toMatchObject({ value: 9_000, index: 9_000 });
  });

  it('begins its writes and speaks before it applies, and applies all the same while it writes', async () => {
    const clock = new HandClock();
    const peers = new Peers();
    const { replica } = await startMember(ids[0]!, peers, { clock });
    for (let turn = 0; turn < 6; turn += 1) {
      const before = replica.appliedIndex;
      const prevIndex = turn;
      const append = { prevIndex, prevTerm: Math.min(turn, 1), commit: turn, entries: [putEntry(turn + 1)] };
      peers.linkOf(leader).send(ids[0]!, { kind: 'append_request', term: 1, round: 0, ...append });
      await new Promise((resolve) => setImmediate(resolve));
      clock.turn();
      if (turn % 2 === 1) expect(replica.appliedIndex).toBe(before);
      else expect(replica.appliedIndex).toBe(turn);
    }
  });

  it('writes images, and shortens its log, under a load that never lets it come to an end', async () => {
    const clock = new HandClock();
    const peers = new Peers();
    const { replica, store } = await startMember(ids[0]!, peers, { clock });
    store.hold();
    let last = 0;
    const waits: number[] = [];
    for (let turn = 0; turn < 60; turn += 1) {
      const entries = Array.from({ length: 200 }, (_, n) => putEntry(last + n + 1));
      const append = { prevIndex: last, prevTerm: Math.min(last, 1), commit: last + 200, entries };
      peers.linkOf(leader).send(ids[0]!, { kind: 'append_request', term: 1, round: 0, ...append });
      last += 200;
      await new Promise((resolve) => setImmediate(resolve));
      clock.turn();
      waits.push(last - replica.appliedIndex);
    }
    expect(Math.min(...waits.slice(2))).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThan(2_000);
    expect(replica.status().snapshotIndex).toBeGreaterThan(1_000);
    expect(replica.status().firstIndex).toBeGreaterThan(1_000);
  });

  it('takes over an image in parts, and what follows it after that', async () => {
    const source = new ReplicatedState();
    for (let index = 1; index <= 3_000; index += 1) {
      source.apply(
        { index, term: 1 },
        { atMs: index, command: { type: 'put', key: `k.${index}`, value: index } },
      );
    }
    const steps = encodeImage(source.capture());
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const clock = new HandClock();
    const peers = new Peers();
    const { replica } = await startMember(ids[0]!, peers, { clock });
    const restored: number[] = [];
    replica.watch({ restored: (index) => restored.push(index) });
    const hear = (message: Message) => {
      peers.linkOf(leader).send(ids[0]!, message);
      return new Promise((resolve) => setImmediate(resolve));
    };
    const snapshot = { index: 3_000, term: 1, configuration: base.configuration };
    const [term, round, totalBytes] = [1, 1, step.value.length];
    await hear({ kind: 'snapshot_chunk', term, round, totalBytes, offset: 0, snapshot, bytes: step.value });
    const after = { prevIndex: 3_000, prevTerm: 1, commit: 3_001, entries: [putEntry(3_001)] };
    await hear({ kind: 'append_request', term, round, ...after });
    let turns = 0;
    for (; replica.appliedIndex < 3_001 && turns < 100; turns += 1) {
      clock.turn();
      expect([0, 3_000, 3_001]).toContain(replica.appliedIndex);
    }
    expect(turns).toBeGreaterThan(4);
    expect(restored).toEqual([3_000]);
    expect(replica.readLocal({ key: 'k.2999' })).toMatchObject({ value: 2_999 });
    expect(replica.readLocal({ key: 'k.3001' })).toMatchObject({ value: 3_001 });
  });

  it('answers a read when all that was committed before it is applied', async () => {
    const clock = new HandClock();
    const entries = Array.from({ length: 9_000 }, (_, n) => putEntry(n + 1));
    const { replica } = await startMember(ids[0]!, new Peers(), { voters: [ids[0]!], clock, entries });
    const turn = async () => {
      clock.tick();
      clock.turn();
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    };
    while (!replica.leads) await turn();
    expect(replica.appliedIndex).toBe(0);
    const answers: unknown[] = [];
    replica.read({ key: 'k.9000' }, (answer) => answers.push(answer));
    for (let turns = 0; answers.length === 0 && turns < 100; turns += 1) await turn();
    expect(answers).toEqual([{ key: 'k.9000', value: 9_000, version: 9_000, index: 9_001 }]);
  });
});

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
