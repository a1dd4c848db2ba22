import { type OnModuleDestroy } from '@nestjs/common';
import { nodeIdSchema, parse, type SharedKey } from '@nexus/contracts';
import { type MeshChange, type MeshMember, type SharedKeys } from '@nexus/mesh';
import { type EventPublisher } from '@nexus/platform/nats';
import { Spokesman } from './spokesman.js';

/** Tells as events who came and went, and which keys have values that know nothing of each other. */
export class MeshEvents implements OnModuleDestroy {
  private readonly spokesman: Spokesman;
  private readonly stops: readonly (() => void)[];
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
    if (change.kind === 'key' || change.kind === 'restarted' || !this.spokesman.speaks) return;
    const { memberId, memberKind } = change;
    const service = this.mesh.get(memberId, 'service');
    const body = {
      memberId,
      kind: memberKind,
      ...(typeof service === 'string' && { service }),
      by: parse(nodeIdSchema, this.mesh.id, 'node id'),
      at: new Date().toISOString(),
    };
    if (change.kind === 'gone') this.events.publish('member.left', { ...body, reason: change.reason });
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
