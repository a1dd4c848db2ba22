import { Logger } from '@nestjs/common';
import { NexusError, type Membership, type ReplicaId, type ReplicaRole } from '@nexus/contracts';
import { type DurableState, isMember, type LogStore, type Standing } from '@nexus/core/raft';
import { timerMsMax } from '@nexus/wire';
import { otherGroup, sharedIdentity } from '../formation/conflicts.js';
import { type Beginning, Formation } from '../formation/formation.js';
import { type Hello, HelloLine } from '../formation/hello.js';
import { Newcomers } from '../formation/newcomers.js';
import { memberIdOf, membershipOf, replicaIdOf } from '../member/member-id.js';
import { raftOptionsOf } from '../replica/raft-bounds.js';
import { Replica } from '../replica/replica.js';
import { type ReplicaWatcher } from '../replica/replica-watcher.js';
import { NatsPeerLink } from '../transport/nats-peer-link.js';
import { group, type HostOptions } from './host-options.js';

const helloEveryMs = 250;
/** How long a leader's hello stands for a leader; it says several in that time to whoever waits. */
const leaderHelloMs = 1_000;
/** Hellos of who leads, and of who follows: copies of it, and other groups, are noticed by them. */
const leaderEveryMs = 500;
const memberEveryMs = 2_000;
/** A member does not answer each of many hellos. */
const answerEveryMs = 100;

const blank: DurableState = {
  hardState: { term: 0, votedFor: null, commit: 0 },
  snapshot: null,
  entries: [],
};

/** A replica from an empty folder to its end: opens the log, forms or finds the group, takes part, says goodbye. */
export class ReplicaHost {
  readonly newcomers = new Newcomers(() => performance.now());
  private readonly logger = new Logger('Replica');
  private readonly hellos: HelloLine;
  private readonly watchers = new Set<ReplicaWatcher>();
  private readonly stops: (() => void)[] = [];
  private store: LogStore | undefined;
  private formation: Formation | undefined;
  private running: Replica | undefined;
  private failure: Error | undefined;
  private ended = false;
  private closing: Promise<void> | undefined;
  /** The last blank hello reached the broker. */
  private asked = false;
  /** A leader said that this replica is no member, which its own log does not know. */
  private excluded = false;
  private answeredAtMs = Number.NEGATIVE_INFINITY;
  private saidAtMs = Number.NEGATIVE_INFINITY;
  private lastHelloOfLeader: { readonly hello: Hello; readonly atMs: number } | undefined;

  constructor(private readonly options: HostOptions) {
    this.hellos = new HelloLine(options);
  }

  /**
   * Opens the log and begins. It may take any time until there is a group; the role tells.
   * @throws what the store says: it is held by another process, or damaged
   */
  async start(): Promise<void> {
    const store = await this.options.openStore();
    this.store = store;
    const durable = await store.load();
    this.stops.push(this.hellos.listen((hello) => this.hear(hello)));
    const timer = setInterval(() => this.beat(), helloEveryMs);
    this.stops.push(() => clearInterval(timer));
    // Without a snapshot and with a term it is a newcomer that was never sent the log, and may have voted.
    if (durable.snapshot !== null || durable.hardState.term > 0) {
      this.run(durable);
      return;
    }
    const { replicaId, initial, connection } = this.options;
    this.formation = new Formation({ replicaId, initial, storeId: store.storeId });
    this.stops.push(connection.on((event) => event === 'disconnected' && this.formation?.restart()));
    this.logger.log(`the log is blank; the group is to be ${initial.join(', ')}`);
    this.ask();
  }

  /** Hands leadership over, if it is here and somebody can take it. */
  async handOver(): Promise<void> {
    const replica = this.running;
    if (!replica?.leads || replica.configuration.voters.length < 2) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(2 * this.options.timing.electionMsMax, timerMsMax));
      const done = () => {
        clearTimeout(timer);
        unwatch();
        resolve();
      };
      const unwatch = replica.watch({
        standing: ({ leader }) => {
          if (leader !== null && leader !== replica.self) done();
        },
      });
      replica.transfer(null, done);
    });
  }

  async stop(): Promise<void> {
    this.ended = true;
    for (const stop of this.stops.splice(0)) stop();
    await this.close();
  }

  private close(): Promise<void> {
    this.closing ??=
      (this.running === undefined ? this.store?.close() : this.running.stop()) ?? Promise.resolve();
    return this.closing;
  }

  get replicaId(): ReplicaId {
    return this.options.replicaId;
  }

  get storeId(): string {
    return this.store?.storeId ?? '';
  }

  /** Absent until the group is formed or found, and once the replica failed. */
  get replica(): Replica | undefined {
    return this.failure === undefined ? this.running : undefined;
  }

  get role(): ReplicaRole {
    const replica = this.running;
    if (replica === undefined) return 'forming';
    return this.belongs(replica) ? replica.standing.role : 'joining';
  }

  /** The replica that leads, as far as this one knows. */
  get leader(): ReplicaId | null {
    const leader = this.replica?.standing.leader ?? null;
    return leader === null ? this.leaderByHello : replicaIdOf(leader);
  }

  /** Who waits to be added, or failed, hears no leader as a member does, and still can ask it for others. */
  private get leaderByHello(): ReplicaId | null {
    const { hello, atMs } = this.lastHelloOfLeader ?? {};
    const isFresh = atMs !== undefined && performance.now() - atMs < leaderHelloMs;
    return isFresh && hello?.replicaId !== this.replicaId ? (hello?.replicaId ?? null) : null;
  }

  /** The group's members; told by its leader to whoever is none of them. */
  get group(): Membership {
    const { running, lastHelloOfLeader } = this;
    if (running !== undefined && this.belongs(running)) return this.membership;
    const members = lastHelloOfLeader?.hello.members ?? null;
    return members === null ? this.membership : membershipOf(members);
  }

  /** The members by this replica's own log. */
  get membership(): Membership {
    return membershipOf(this.running?.configuration ?? { voters: [], learners: [] });
  }

  /** Hears what happens to the replica, as soon as there is one. */
  watch(watcher: ReplicaWatcher): void {
    this.watchers.add(watcher);
    this.running?.watch(watcher);
  }

  /** @throws NexusError `unavailable` with the reason why this replica can serve nothing that needs a leader */
  assertReady(): void {
    this.assertNotFailed();
    const reason = this.whyNotReady();
    if (reason !== undefined) throw new NexusError('unavailable', reason, { retryAfterMs: 250 });
  }

  /** @throws NexusError `unavailable` with the reason why this replica takes part no more */
  assertNotFailed(): void {
    if (this.failure !== undefined) {
      throw new NexusError('unavailable', `the replica stopped: ${this.failure.message}`);
    }
  }

  private whyNotReady(): string | undefined {
    if (this.running === undefined) {
      return `the group is not formed yet: waiting for ${this.formation?.waitsFor ?? 'the log'}`;
    }
    if (!this.belongs(this.running)) return 'the replica waits to be added to the group';
    return this.leader === null ? 'no leader is known' : undefined;
  }

  private belongs(replica: Replica): boolean {
    return !this.excluded && isMember(replica.configuration, replica.self);
  }

  private hear(hello: Hello): void {
    if (hello.replicaId === this.replicaId && hello.storeId === this.storeId) {
      this.hearItself(hello);
      return;
    }
    if (hello.leads) this.lastHelloOfLeader = { hello, atMs: performance.now() };
    if (this.failure !== undefined) return;
    const beginning = this.formation?.hear(hello);
    if (beginning !== undefined) this.beginWith(beginning);
    else if (this.replica !== undefined) this.hearAsMember(hello, this.replica);
  }

  private hearAsMember(hello: Hello, replica: Replica): void {
    if (hello.leads && hello.members !== null) {
      if (replica.standing.leader === null) this.excluded = !isMember(hello.members, replica.self);
      else this.fallOut(otherGroup(hello.members, replica.configuration, replica.self), replica);
    }
    if (this.failure !== undefined) return;
    this.newcomers.hear(hello);
    this.answer(hello, replica);
  }

  /** Both groups stop: which of them is to go on, only a person can tell. */
  private fallOut(conflict: NexusError | undefined, replica: Replica): void {
    if (conflict === undefined) return;
    if (replica.leads) this.say(this.asMember(replica));
    this.fail(conflict);
  }

  /**
   * Its own words, or those of another process with a copy of its log. What an earlier life said may come late; who knows
   * this life by name lives now.
   */
  private hearItself({ incarnation, rival }: Hello): void {
    if (incarnation === this.options.incarnation || this.failure !== undefined) return;
    this.say({ rival: incarnation });
    if (rival !== this.options.incarnation) return;
    this.fail(sharedIdentity(memberIdOf(this.replicaId, this.storeId), incarnation));
  }

  /** A blank replica must learn from anybody that there is a group; who waits to be added, from the leader. */
  private answer({ stance }: Hello, replica: Replica): void {
    const asks = stance === 'blank' || (stance === 'waiting' && replica.leads);
    if (!asks || performance.now() - this.answeredAtMs < answerEveryMs) return;
    this.answeredAtMs = performance.now();
    this.say(this.belongs(replica) ? this.asMember(replica) : {});
  }

  private beat(): void {
    if (this.failure !== undefined) return;
    if (this.formation === undefined) {
      this.sayHello();
      return;
    }
    const beginning = this.asked ? this.formation.noAnswer() : undefined;
    if (beginning === undefined) this.ask();
    else this.beginWith(beginning);
  }

  /** Asks whether there is a group. Only what reached the broker was asked. */
  private ask(): void {
    const { connection } = this.options;
    const { formation } = this;
    this.asked = false;
    this.say({});
    connection.flush().then(
      () => (this.asked = true),
      () => formation?.restart(),
    );
  }

  /** Who hears no leader asks for one: to be added, or to know where requests are to go. Members say now and then who they are. */
  private sayHello(): void {
    const { replica } = this;
    if (replica === undefined) return;
    if (replica.standing.leader === null || !this.belongs(replica)) {
      this.say({});
    } else if (performance.now() - this.saidAtMs >= (replica.leads ? leaderEveryMs : memberEveryMs)) {
      this.say(this.asMember(replica));
    }
  }

  private asMember(replica: Replica): Partial<Hello> {
    return { stance: 'member', leads: replica.leads, members: replica.configuration };
  }

  private say(fields: Partial<Hello>): void {
    const { replicaId, incarnation, initial } = this.options;
    const isBlank = this.formation !== undefined;
    this.saidAtMs = performance.now();
    this.hellos.say({
      ...{ replicaId, storeId: this.storeId, incarnation, rival: null },
      ...{ stance: isBlank ? 'blank' : 'waiting', founders: isBlank ? initial : [] },
      ...{ leads: false, members: null },
      ...fields,
    });
  }

  private beginWith(beginning: Beginning): void {
    // From here on its hellos, and what it hears, are no part of a formation.
    this.formation = undefined;
    this.begin(beginning).catch((error: unknown) => this.fail(error));
  }

  private async begin(beginning: Beginning): Promise<void> {
    if (beginning.kind === 'joining') {
      this.logger.log('there is a group; waiting to be added to it, or to be sent its log');
      this.run(blank);
      return;
    }
    const { configuration } = beginning;
    // The group begins with an entry behind it, so that whoever has no log yet is sent its members before anything else.
    const snapshot = { index: 1, term: 1, configuration, image: new Uint8Array(0) };
    const hardState = { term: 1, votedFor: null, commit: 1 };
    await this.store?.write({ sequence: 0, hardState, snapshot, append: [] });
    this.logger.log(`formed the group of ${configuration.voters.join(', ')}`);
    if (!this.ended && this.failure === undefined) this.run({ hardState, snapshot, entries: [] });
  }

  private run(durable: DurableState): void {
    const { replicaId, incarnation, timing, entriesRetained, connection, prefix, drops } = this.options;
    const store = this.store!;
    const self = memberIdOf(replicaId, store.storeId);
    const replica = new Replica({
      raft: raftOptionsOf({ self, timing, entriesRetained, bodyBytesMax: connection.bodyBytesMax }),
      tickMs: timing.tickMs,
      images: this.options.images,
      store,
      durable,
      link: new NatsPeerLink({
        connection,
        prefix,
        drops,
        origin: { cluster: prefix, group, from: self, incarnation },
      }),
    });
    this.running = replica;
    replica.watch({
      standing: (standing, before) => this.note(standing, before),
      members: (index, { voters, learners }) =>
        this.logger.log(
          `members as of ${index}: ${voters.join(', ')}; learning: ${learners.join(', ') || 'none'}`,
        ),
      failed: (error) => this.fail(error),
    });
    for (const watcher of this.watchers) replica.watch(watcher);
    this.logger.log(`takes part as ${self}, log up to ${replica.status().lastIndex}`);
    replica.start();
    this.sayHello();
  }

  private note({ role, term, leader }: Standing, before: Standing): void {
    if (leader !== null) this.excluded = false;
    if (role === before.role && leader === before.leader) return;
    if (role === 'leader' && this.running !== undefined) this.say(this.asMember(this.running));
    const following = leader === null ? 'no leader known' : `leader ${replicaIdOf(leader)}`;
    this.logger.log(`${role} in term ${term}, ${following}`);
  }

  private fail(thrown: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.formation = undefined;
    this.logger.fatal(`the replica stops for good: ${this.failure.message}`);
    // Silent from here on: it neither votes nor acknowledges, and lets go of its folder.
    this.close().catch((error: unknown) => this.logger.error(`the log cannot be closed: ${String(error)}`));
    this.options.failed(this.failure);
  }
}
