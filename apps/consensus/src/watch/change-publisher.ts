import { type Change, type Membership, NexusError } from '@nexus/contracts';
import { type Standing } from '@nexus/core/raft';
import { type EventPublisher } from '@nexus/platform/nats';
import { type ReplicaHost } from '../host/replica-host.js';
import { membershipOf } from '../member/member-id.js';
import { type Replica } from '../replica/replica.js';
import { RecentChanges } from './recent-changes.js';

const changesAtOnceMax = 512;
/** How long news waits, in milliseconds: those who proposed are answered first, and more news may come to be told with it. */
const delayMs = 1;

/**
 * Tells the world what was committed, who leads and who takes part; whoever leads tells it. Events are news: each names
 * the change before its first, so that a watcher that missed some knows, and reads what it needs.
 */
export class ChangePublisher {
  private readonly recent = new RecentChanges();
  private untold: Change[] = [];
  /** The last change before those that are untold. */
  private toldIndex = 0;

  constructor(
    private readonly host: Pick<ReplicaHost, 'replicaId' | 'watch'> & {
      readonly replica: Pick<Replica, 'leads'> | undefined;
    },
    private readonly events: Pick<EventPublisher, 'publish'>,
  ) {
    host.watch({
      changed: (changes, bytes) => this.changed(changes as readonly Change[], bytes),
      restored: (index) => {
        this.tellUntold();
        this.recent.reset(index);
      },
      standing: (standing, before) => this.stood(standing, before),
      members: (index, configuration) => this.leads && this.members(index, membershipOf(configuration)),
    });
  }

  private get leads(): boolean {
    return this.host.replica?.leads === true;
  }

  private changed(changes: readonly Change[], bytes: number): void {
    const previousIndex = this.recent.lastIndex;
    this.recent.add(changes, bytes);
    if (!this.leads) return;
    if (this.untold.length === 0) {
      this.toldIndex = previousIndex;
      setTimeout(() => this.tellUntold(), delayMs);
    }
    for (const change of changes) this.untold.push(change);
  }

  /** Also by one that does not lead any more: it did when they were applied. */
  private tellUntold(): void {
    const { untold, toldIndex } = this;
    this.untold = [];
    this.tell(untold, toldIndex);
  }

  private stood({ role, term, leader }: Standing, before: Standing): void {
    this.tellUntold();
    const at = new Date().toISOString();
    if (role === 'leader' && (before.role !== 'leader' || term > before.term)) {
      this.events.publish('leader.changed', { leader: this.host.replicaId, term, at });
      const { changes, previousIndex } = this.recent.all();
      this.tell(changes, previousIndex);
    }
    // It lost its majority, and knows of no other leader; in a newer term that one speaks for itself.
    if (before.role === 'leader' && role !== 'leader' && leader === null && term === before.term) {
      this.events.publish('leader.changed', { leader: null, term, at });
    }
  }

  private members(index: number, members: Membership): void {
    this.events.publish('members.changed', { index, members, at: new Date().toISOString() });
  }

  private tell(changes: readonly Change[], previousIndex: number): void {
    let before = previousIndex;
    for (let from = 0; from < changes.length;) {
      const to = endOfEntry(changes, Math.min(from + changesAtOnceMax, changes.length));
      this.tellOnce(changes.slice(from, to), before);
      before = changes[to - 1]!.index;
      from = to;
    }
  }

  /** What does not fit into one message is told in two; a single entry that does not is left out, as a gap. */
  private tellOnce(changes: readonly Change[], previousIndex: number): void {
    try {
      const at = new Date().toISOString();
      this.events.publish('consensus.changed', { previousIndex, changes: [...changes], at });
    } catch (error) {
      // News that finds no connection is lost, and the gap is seen.
      if (NexusError.from(error).code !== 'payload_too_large') return;
      const middle = endOfEntry(changes, Math.ceil(changes.length / 2));
      if (middle === changes.length) return;
      this.tellOnce(changes.slice(0, middle), previousIndex);
      this.tellOnce(changes.slice(middle), changes[middle - 1]!.index);
    }
  }
}

/** The first place from `at` on where no entry is cut in two. */
function endOfEntry(changes: readonly Change[], at: number): number {
  let end = at;
  while (end < changes.length && changes[end]!.index === changes[end - 1]!.index) end += 1;
  return end;
}
