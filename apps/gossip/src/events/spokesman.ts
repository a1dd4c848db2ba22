import { type MeshMember } from '@nexus/mesh';

/**
 * Of several gossip services one tells what happens: the live one with the lowest id, as each of them sees it. While two
 * see it differently, as around a death, an event may be told twice, or by none; events are news, not records.
 */
export class Spokesman {
  constructor(private readonly mesh: MeshMember) {}

  get speaks(): boolean {
    return this.mesh
      .members()
      .every(
        ({ memberId, service, status }) =>
          service !== 'gossip' || status !== 'alive' || memberId >= this.mesh.id,
      );
  }
}
