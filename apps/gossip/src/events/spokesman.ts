import { type MemberId } from '@nexus/contracts';
import { type MeshChange, type MeshMember } from '@nexus/mesh';

/**
 * Of several gossip services one tells what happens: the live one with the lowest id, as each of them sees it. While two
 * see it differently, as around a death, an event may be told twice, or by none; events are news, not records.
 */
export class Spokesman {
  /** Who say so; whether they are is for the member to know, whenever it matters. */
  private readonly others = new Set<MemberId>();

  constructor(private readonly mesh: MeshMember) {
    for (const { memberId } of mesh.members()) this.follow(memberId, mesh.get(memberId, 'service'));
  }

  /** To be told of every change, before `speaks` is asked. */
  onChange(change: MeshChange): void {
    if (change.kind === 'key' && change.key === 'service') this.follow(change.memberId, change.value);
  }

  get speaks(): boolean {
    for (const id of this.others) {
      if (id < this.mesh.id && this.isPeer(id)) return false;
    }
    return true;
  }

  private isPeer(id: MemberId): boolean {
    return this.mesh.statusOf(id) === 'alive' && this.mesh.serviceOf(id) === 'gossip';
  }

  private follow(id: MemberId, service: unknown): void {
    if (id !== this.mesh.id && service === 'gossip') this.others.add(id);
    else this.others.delete(id);
  }
}
