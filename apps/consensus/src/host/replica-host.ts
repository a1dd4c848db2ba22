import { Logger } from '@nestjs/common';
import { NexusError, type Membership, type ReplicaId, type ReplicaRole } from '@nexus/contracts';
import { type DurableState, type LogStore, type Standing } from '@nexus/core/raft';
import { timerMsMax } from '@nexus/wire';
import { type Beginning, Formation } from '../formation/formation.js';
import { type Hello, HelloLine } from '../formation/hello.js';
import { Newcomers } from '../formation/newcomers.js';
import { isIn, memberIdOf, membershipOf, replicaIdOf } from '../member/member-id.js';
import { raftOptionsOf } from '../replica/raft-bounds.js';
import { Replica } from '../replica/replica.js';
import { type ReplicaWatcher } from '../replica/replica-watcher.js';
import { NatsPeerLink } from '../transport/nats-peer-link.js';
import { group, type HostOptions } from './host-options.js';

const helloEveryMs = 250;
/** How long a leader's hello stands for a leader; it says several in that time to whoever waits. */
const leaderHelloMs = 1_000;
/** A member does not answer each of many hellos. */
const answerEveryMs = 100;

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
  /** A leader said that this replica is no member, which its own log does not know. */
  private excluded = false;
  private answeredAtMs = Number.NEGATIVE_INFINITY;
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
    const timer = setInterval(() => this.sayHello(), helloEveryMs);
    this.stops.push(() => clearInterval(timer));
    if (durable.snapshot !== null) {
      this.run(durable);
      return;
    }
    const { replicaId, initial } = this.options;
    this.formation = new Formation({ replicaId, initial, storeId: store.storeId });
    this.logger.log(`the log is blank; the group is to be ${initial.join(', ')}`);
    const beginning = this.formation.begin();
    if (beginning !== undefined) await this.begin(beginning);
    else this.sayHello();
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
    if (this.running === undefined) await this.store?.close();
    else await this.running.stop();
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
      return `the group is not formed yet: waiting for ${this.formation?.missing.join(', ') ?? 'the log'}`;
    }
    if (!this.belongs(this.running)) return 'the replica waits to be added to the group';
    return this.leader === null ? 'no leader is known' : undefined;
  }

  private belongs(replica: Replica): boolean {
    return !this.excluded && isIn(replica.configuration, replica.self);
  }

  private hear(hello: Hello): void {
    if (hello.replicaId === this.replicaId && hello.storeId === this.storeId) return;
    if (hello.leads) this.lastHelloOfLeader = { hello, atMs: performance.now() };
    const beginning = this.formation?.hear(hello);
    if (beginning !== undefined) {
      this.begin(beginning).catch((error: unknown) => this.fail(error));
      return;
    }
    const { replica } = this;
    if (replica === undefined) return;
    if (hello.leads && hello.members !== null && replica.standing.leader === null) {
      this.excluded = !isIn(hello.members, replica.self);
    }
    this.newcomers.hear(hello);
    this.answer(hello, replica);
  }

  /** A blank replica must learn from anybody that there is a group; who waits to be added, from the leader. */
  private answer({ stance }: Hello, replica: Replica): void {
    const asks = stance === 'blank' ? this.belongs(replica) : stance === 'waiting' && replica.leads;
    const nowMs = performance.now();
    if (!asks || nowMs - this.answeredAtMs < answerEveryMs) return;
    this.answeredAtMs = nowMs;
    this.hellos.say({
      ...this.names,
      stance: 'member',
      leads: replica.leads,
      members: replica.configuration,
    });
  }

  /** Who hears no leader asks for one: to be added, or to know where requests are to go. */
  private sayHello(): void {
    if (this.formation !== undefined) {
      this.hellos.say({ ...this.names, stance: 'blank', leads: false, members: null });
    } else if (this.running !== undefined && (this.replica?.standing.leader ?? null) === null) {
      this.hellos.say({ ...this.names, stance: 'waiting', leads: false, members: null });
    }
  }

  private get names() {
    return { replicaId: this.replicaId, storeId: this.storeId };
  }

  private async begin({ kind, configuration }: Beginning): Promise<void> {
    const { store } = this;
    if (store === undefined) return;
    // From here on its hellos, and what it hears, are no part of a formation.
    this.formation = undefined;
    const image = new Uint8Array(0);
    const durable: DurableState = {
      hardState: { term: 0, votedFor: null, commit: 0 },
      snapshot: { index: 0, term: 0, configuration, image },
      entries: [],
    };
    await store.write({ sequence: 0, hardState: durable.hardState, snapshot: durable.snapshot!, append: [] });
    const words = { formed: 'formed', found: 'found', joining: 'waiting to be added to' } as const;
    this.logger.log(
      `${words[kind]} the group${kind === 'joining' ? '' : ` of ${configuration.voters.join(', ')}`}`,
    );
    if (!this.ended) this.run(durable);
  }

  private run(durable: DurableState): void {
    const { replicaId, cluster, incarnation, timing, entriesRetained, connection, prefix, drops } =
      this.options;
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
        origin: { cluster, group, from: self, incarnation },
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
  }

  private note({ role, term, leader }: Standing, before: Standing): void {
    if (leader !== null) this.excluded = false;
    if (role === before.role && leader === before.leader) return;
    const following = leader === null ? 'no leader known' : `leader ${replicaIdOf(leader)}`;
    this.logger.log(`${role} in term ${term}, ${following}`);
  }

  private fail(thrown: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.formation = undefined;
    this.logger.fatal(`the replica stops for good: ${this.failure.message}`);
    this.options.failed(this.failure);
  }
}
