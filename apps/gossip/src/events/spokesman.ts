import { type MemberId } from '@nexus/contracts';
import { type MeshChange, type MeshMember } from '@nexus/mesh';

/**
 * Of several gossip services one tells what happens: the live one with the lowest id, as each of them sees it. While two
 * see it differently, as around a death, an event may be told twice, or by none; events are news, not records.
 */
export class Spokesman {
  private readonly others = new Set<MemberId>();

  constructor(private readonly mesh: MeshMember) {
    for (const { memberId, service } of mesh.members()) this.follow(memberId, service);
  }

  /** To be told of every change, before `speaks` is asked. */
  onChange(change: MeshChange): void {
    if (change.kind === 'key' && change.key === 'service') this.follow(change.memberId, change.value);
  }

  get speaks(): boolean {
    for (const id of this.others) {
      if (id < this.mesh.id && this.mesh.statusOf(id) === 'alive') return false;
    }
    return true;
  }

  private follow(id: MemberId, service: unknown): void {
    if (id !== this.mesh.id && service === 'gossip') this.others.add(id);
    else this.others.delete(id);
  }
}
