import { type MemberId, type Message, type Snapshot, type Write } from '@nexus/core/raft';
import {
  type Coverage,
  type DiskCondition,
  type Durability,
  hold,
  MemberRecord,
  type SeededRandom,
  SimulatedDisk,
  type Timeline,
} from '@nexus/testing';
import { timings } from '../../timing.js';
import { type ReceivePeer } from '../../transport/peer-link.js';
import { decodeProposal } from '../proposal-codec.js';
import { raftOptionsOf } from '../raft-bounds.js';
import { type Replica, type ReplicaOptions } from '../replica.js';
import { type Journal } from './journal.js';
import { type Scenario } from './scenario.js';
import { SimulatedClock } from './simulated-clock.js';
import { DiskFault, type DiskRecord, SimulatedLogStore } from './simulated-log-store.js';
import { type Ledger, nameOf } from './work.js';

/** What all members of a simulated group have in common. */
export interface Surroundings {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly coverage: Coverage;
  readonly durability: Durability;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly begin: (options: ReplicaOptions) => Replica;
  readonly send: (from: MemberId, to: MemberId, message: Message) => void;
  /** Ends the run: a promise is broken. */
  readonly broken: (error: Error) => void;
}

/** From the start of a process to its end. */
interface Life {
  readonly replica: Replica;
  readonly clock: SimulatedClock;
  readonly store: SimulatedLogStore;
}

/** The way out of the process is broken. */
class LinkFault extends Error {}

/** Longer than any turn: what is committed and not applied by then never will be. */
const patienceMs = 200;

/** One machine: a disk, and on it one replica after the other. */
export class SimulatedMember {
  private readonly record: MemberRecord;
  private readonly disk: SimulatedDisk<DiskRecord>;
  private readonly random: SeededRandom;
  private life: Life | undefined;
  private lives = 0;
  private receive: ReceivePeer | undefined;
  /** Up to here its entries were compared with those of others. */
  private learnt = 0;
  /** Up to here its state was heard of. */
  private told = 0;
  private isUnplugged = false;
  private hasBrokenLink = false;
  /** Proposals that it has not answered. */
  private waiting = 0;
  private ledMs = 0;
  private idle = { index: 0, sinceMs: 0 };

  constructor(
    readonly id: MemberId,
    private readonly world: Surroundings,
    base: Snapshot,
    random: SeededRandom,
  ) {
    const { timeline, coverage, scenario } = world;
    this.random = random.fork(id);
    this.record = new MemberRecord(id, id, base);
    this.disk = new SimulatedDisk({
      ...{ timeline, coverage, random: this.random.fork('disk') },
      ...{ flushMsMin: 0.2, flushMsMax: scenario.flushMsMax },
      onDurable: ({ write, durable }) => {
        const before = this.record.durable.hardState;
        this.record.makeDurable(write);
        world.durability.written(this.record, before);
        durable();
      },
      onFailed: (reason) => this.life?.store.fail(reason),
    });
    this.start();
  }

  /** Of the life that it leads at present. */
  get replica(): Replica | undefined {
    return this.life?.replica;
  }

  get log() {
    return this.record.current;
  }

  get isRunning(): boolean {
    return this.life?.clock.process.isRunning === true;
  }

  /** It stops, or is about to. */
  get hasFailed(): boolean {
    return this.hasBrokenLink || this.life?.store.hasFailed === true;
  }

  /** Something arrives at its process; nothing comes of it where there is none. */
  post(event: (replica: Replica) => void): void {
    const { life } = this;
    life?.clock.process.post(() => event(life.replica));
  }

  deliver(from: MemberId, message: Message): void {
    this.post(() => this.receive?.(from, message));
  }

  /** The process ends; `start` begins another. */
  crash(): void {
    const { life } = this;
    if (life === undefined) return;
    this.life = undefined;
    life.clock.process.stop();
    void life.replica.stop();
    this.disk.crash();
  }

  start(): void {
    if (this.life !== undefined) return;
    const { scenario, timeline, coverage, begin, broken } = this.world;
    const random = this.random.fork(`life ${(this.lives += 1)}`);
    const clock = new SimulatedClock({
      ...{ timeline, coverage, random: random.fork('turns') },
      ...{ tickMs: timings.local.tickMs, turnDelayMsMax: scenario.turnDelayMsMax },
    });
    const store = new SimulatedLogStore({
      ...{ record: this.record, disk: this.disk },
      post: (event) => clock.process.post(event),
      writing: (write, isOwnImage) => this.writing(write, isOwnImage),
    });
    const durable = this.record.restart();
    this.learnt = this.told = durable.snapshot!.index;
    this.idle = { index: 0, sinceMs: timeline.nowMs };
    this.ledMs = timeline.nowMs;
    this.hasBrokenLink = false;
    const bounds = { self: this.id, timing: timings.local, bodyBytesMax: 1_000_000 };
    const { entriesRetained, snapshotChunkBytes, uncommittedBytesMax, images } = scenario;
    const replica = begin({
      raft: {
        ...raftOptionsOf({ ...bounds, entriesRetained }),
        ...{ snapshotChunkBytes, uncommittedBytesMax, random: () => random.next() },
      },
      ...{ tickMs: timings.local.tickMs, images, store, durable, clock },
      link: {
        send: (to, message) => this.send(to, message),
        flush: () => undefined,
        listen: (receive) => {
          this.receive = receive;
          return () => (this.receive = undefined);
        },
      },
    });
    this.life = { replica, clock, store };
    replica.watch({
      changed: (changes) => this.changed(replica, JSON.stringify(changes)),
      restored: (index) => {
        if (index > this.learnt) coverage.count('replica: image taken over');
        this.learnt = this.told = index;
      },
      standing: (now, before) => {
        if (before.role === 'leader') coverage.count('replica: stepped down');
        if (now.role === 'leader') coverage.count('replica: leads');
      },
      failed: (error) => {
        if (!(error instanceof DiskFault || error instanceof LinkFault)) broken(error);
        coverage.count(`replica: stopped by its ${error instanceof DiskFault ? 'disk' : 'link'}`);
        this.crash();
      },
    });
    replica.start();
  }

  /** @returns what ends it; a replica that gave up is started anew */
  suffer(condition: DiskCondition): () => void {
    const end = this.disk.suffer(condition);
    return () => {
      end();
      this.start();
    };
  }

  /** What it sends next breaks it. @returns what starts it anew */
  unplug(): () => void {
    this.isUnplugged = true;
    return () => {
      this.isUnplugged = false;
      this.start();
    };
  }

  /** It is asked something. @returns what to call when it has answered */
  await(): () => void {
    this.waiting += 1;
    return () => {
      this.waiting -= 1;
    };
  }

  pause(): () => void {
    return this.life?.clock.process.pause() ?? (() => undefined);
  }

  skew(factor: number): () => void {
    return this.life?.clock.process.skew(factor) ?? (() => undefined);
  }

  /** Everybody learns of what is in its state. */
  learn(): void {
    const { journal } = this.world;
    const index = this.replica?.appliedIndex ?? 0;
    journal.learn(this.id, this.log, this.learnt, index);
    this.learnt = Math.max(this.learnt, index);
  }

  /** Where a request stands that it knows to be committed, as far as its log goes back. */
  committedIndexOf(name: string): number | undefined {
    const commit = this.replica?.status().commit ?? 0;
    for (let index = commit; index > this.log.snapshot.index; index -= 1) {
      const entry = this.log.entryAt(index);
      if (entry?.kind === 'command' && nameOf(decodeProposal(entry.command).command) === name) return index;
    }
    return undefined;
  }

  /** Looked at again and again: what is committed is in the state soon. */
  inspect(): void {
    const { replica, idle, isRunning } = this;
    const nowMs = this.world.timeline.nowMs;
    const index = replica?.appliedIndex ?? 0;
    if (replica === undefined || !isRunning || index !== idle.index || index >= replica.status().commit)
      this.idle = { index, sinceMs: nowMs };
    hold(
      nowMs - this.idle.sinceMs <= patienceMs,
      'what is committed is applied soon',
      () => `${this.id} stays at ${index}`,
    );
    if (!isRunning || replica?.leads === true) this.ledMs = nowMs;
    hold(
      this.waiting === 0 || nowMs - this.ledMs <= patienceMs,
      'who leads no more answers all who wait (R22)',
      () => `${this.waiting} wait for ${this.id}`,
    );
  }

  private changed(replica: Replica, changes: string): void {
    const { journal, coverage } = this.world;
    const { appliedIndex } = replica;
    hold(
      appliedIndex > this.told,
      'the state never goes back',
      () => `${this.id}: ${this.told} → ${appliedIndex}`,
    );
    this.learn();
    const expected = JSON.stringify(journal.changesOf(this.told, appliedIndex));
    hold(changes === expected, 'all apply the same', () => `${this.id} told ${changes}, not ${expected}`);
    this.told = appliedIndex;
    if (appliedIndex < replica.status().commit) coverage.count('replica: applied in parts');
  }

  private writing(write: Write, isOwnImage: boolean): void {
    const { journal, ledger, coverage } = this.world;
    for (const entry of write.append) ledger.record(entry);
    if (!isOwnImage || write.snapshot === undefined) return;
    coverage.count('replica: log replaced by an image');
    const { index } = write.snapshot;
    journal.learn(this.id, this.log, this.learnt, index);
    this.learnt = Math.max(this.learnt, index);
  }

  private send(to: MemberId, message: Message): void {
    if (this.isUnplugged) {
      this.isUnplugged = false;
      this.hasBrokenLink = true;
      throw new LinkFault('unplugged');
    }
    this.world.durability.leaves(this.record, { to, message, afterWrite: 0 });
    this.world.send(this.id, to, message);
  }
}
