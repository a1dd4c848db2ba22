import { type MemberId } from '@nexus/core/raft';
import { InMemoryLog, InMemoryLogStore } from '@nexus/platform/log-store';
import { type Hello } from '../../formation/hello.js';
import { Newcomers } from '../../formation/newcomers.js';
import { membershipOf, replicaIdOf } from '../../member/member-id.js';
import { raftOptionsOf } from '../../replica/raft-bounds.js';
import { Replica } from '../../replica/replica.js';
import { type ReplicaWatcher } from '../../replica/replica-watcher.js';
import { timings } from '../../timing.js';
import { InProcessNetwork } from '../../transport/testdata/in-process-network.js';
import { HandClock } from './hand-clock.js';

const patienceMs = 10_000;

/** One member, as the parts of its process see it. */
export interface Post {
  readonly replica: Replica;
  readonly newcomers: Newcomers;
  readonly replicaId: ReturnType<typeof replicaIdOf>;
  readonly leader: ReturnType<typeof replicaIdOf> | null;
  readonly membership: ReturnType<typeof membershipOf>;
  watch(watcher: ReplicaWatcher): void;
}

/** Real replicas of one group, whose time, disks and network are of this process. */
export class InMemoryGroup {
  readonly clock = new HandClock();
  readonly posts = new Map<MemberId, Post>();
  private readonly network = new InProcessNetwork();

  private constructor(private readonly voters: readonly MemberId[]) {}

  /** Starts the members, and waits until one of them leads, and can take changes. */
  static async start(...voters: string[]): Promise<InMemoryGroup> {
    const group = new InMemoryGroup(voters as MemberId[]);
    for (const voter of group.voters) await group.add(voter, group.voters);
    await group.until('somebody leads', () => (group.leading()?.replica.appliedIndex ?? 0) > 0);
    return group;
  }

  /** Starts a replica that waits to be added. */
  join(member: string): Promise<Post> {
    return this.add(member as MemberId, []);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.posts.values()].map(({ replica }) => replica.stop()));
  }

  /** Cut off from all others. */
  get cut(): Set<MemberId> {
    return this.network.cut;
  }

  /** Whoever leads of those that are not cut off. */
  leading(): Post | undefined {
    return [...this.posts.values()].find(({ replica }) => replica.leads && !this.cut.has(replica.self));
  }

  get leader(): Post {
    const post = this.leading();
    if (post === undefined) throw new Error('nobody leads');
    return post;
  }

  get followers(): readonly Post[] {
    return [...this.posts.values()].filter(({ replica }) => !replica.leads);
  }

  /** A newcomer asks everybody to be added. */
  hello(member: string): void {
    const [name = '', storeId = ''] = member.split('.');
    const hello: Hello = {
      ...{ cluster: 'nexus', replicaId: replicaIdOf(`${name}.` as MemberId), storeId, incarnation: member },
      ...{ rival: null, stance: 'waiting', leads: false, members: null, founders: [] },
    };
    for (const { newcomers } of this.posts.values()) newcomers.hear(hello);
  }

  /** Lets time pass until something is so. */
  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    for (let passed = 0; passed < patienceMs; passed += 50) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await this.clock.pass(50);
    }
    throw new Error(`not within ${patienceMs} ms: ${what}`);
  }

  private async add(self: MemberId, voters: readonly MemberId[]): Promise<Post> {
    const timing = timings.local;
    const replica = new Replica({
      raft: raftOptionsOf({ self, timing, entriesRetained: 1_000, bodyBytesMax: 1_000_000 }),
      ...{ tickMs: timing.tickMs, images: { entries: 10_000, bytes: 1_000_000 } },
      store: await InMemoryLogStore.open(new InMemoryLog()),
      durable: {
        hardState: { term: 0, votedFor: null, commit: 0 },
        snapshot: { index: 0, term: 0, configuration: { voters, learners: [] }, image: new Uint8Array(0) },
        entries: [],
      },
      link: this.network.linkOf(self),
      clock: this.clock,
    });
    const post = {
      replica,
      newcomers: new Newcomers(() => this.clock.nowMs()),
      replicaId: replicaIdOf(self),
      get leader() {
        const { leader } = replica.standing;
        return leader === null ? null : replicaIdOf(leader);
      },
      get membership() {
        return membershipOf(replica.configuration);
      },
      watch: (watcher: ReplicaWatcher) => void replica.watch(watcher),
    };
    this.posts.set(self, post);
    replica.start();
    return post;
  }
}
