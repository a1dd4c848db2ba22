import { type OnModuleDestroy } from '@nestjs/common';
import { type MemberId, nodeIdSchema, parse, type SharedKey } from '@nexus/contracts';
import { type MeshChange, type MeshMember, type SharedKeys } from '@nexus/mesh';
import { type EventPublisher } from '@nexus/platform/nats';
import { Spokesman } from './spokesman.js';

type LifeChange = Exclude<MeshChange, { kind: 'key' }>;

/** Tells as events who came and went, and which keys have values that know nothing of each other. */
export class MeshEvents implements OnModuleDestroy {
  private readonly spokesman: Spokesman;
  private readonly stops: readonly (() => void)[];
  /** Those who went: should they come back, that is news however long they have lived. */
  private readonly gone = new Set<MemberId>();
  /** Keys whose conflict was told, or would have been by who tells. */
  private readonly conflicts = new Set<string>();

  constructor(
    private readonly mesh: MeshMember,
    keys: SharedKeys,
    private readonly events: EventPublisher,
  ) {
    this.spokesman = new Spokesman(mesh);
    this.stops = [mesh.on((change) => this.onChange(change)), keys.on((key) => this.onKey(key))];
  }

  onModuleDestroy(): void {
    for (const stop of this.stops) stop();
  }

  private onChange(change: MeshChange): void {
    this.spokesman.onChange(change);
    if (change.kind === 'key') return;
    const isNews = this.isNews(change);
    this.remember(change);
    if (isNews && this.spokesman.speaks) this.tell(change);
  }

  /** Whoever was there before this service began has not joined because that one met it. */
  private isNews({ kind, memberId, generation }: LifeChange): boolean {
    return kind !== 'joined' || generation >= this.mesh.generation || this.gone.has(memberId);
  }

  private remember({ kind, memberId }: LifeChange): void {
    this.gone.delete(memberId);
    if (kind !== 'gone') return;
    this.gone.add(memberId);
    for (const oldest of this.gone) {
      if (this.gone.size <= this.mesh.settings.membersMax) break;
      this.gone.delete(oldest);
    }
  }

  private tell(change: LifeChange): void {
    const { memberId, memberKind } = change;
    const service = this.mesh.serviceOf(memberId);
    const body = {
      memberId,
      kind: memberKind,
      ...(service !== undefined && { service }),
      by: parse(nodeIdSchema, this.mesh.id, 'node id'),
      at: new Date().toISOString(),
    };
    if (change.kind === 'gone') this.events.publish('member.left', { ...body, reason: change.reason });
    // A new life has joined, whether or not the end of the one before was noticed.
    else if (change.kind === 'restarted') this.events.publish('member.joined', body);
    else this.events.publish(`member.${change.kind}`, body);
  }

  private onKey(key: SharedKey): void {
    if (!key.conflict) {
      this.conflicts.delete(key.key);
      return;
    }
    if (this.conflicts.has(key.key)) return;
    this.conflicts.add(key.key);
    if (this.spokesman.speaks) {
      this.events.publish('gossip.conflict', { ...key, at: new Date().toISOString() });
    }
  }
}
