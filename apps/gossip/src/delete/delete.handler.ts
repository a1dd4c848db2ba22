import { Injectable } from '@nestjs/common';
import { type gossipDeleteRequestSchema, type GossipPutReply } from '@nexus/contracts';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { type z } from 'zod';

export type GossipDeleteRequest = z.output<typeof gossipDeleteRequestSchema>;

/** Removes a shared key, whoever put it: as far as the clock of the request, or this member's knowledge, goes. */
@Injectable()
export class DeleteHandler {
  constructor(
    private readonly mesh: MeshMember,
    private readonly keys: SharedKeys,
  ) {}

  /** @throws NexusError `overloaded` when there is no room to remember it */
  delete({ key, clock, urgent }: GossipDeleteRequest): GossipPutReply {
    return { ...this.keys.remove(key, { ...(clock && { clock }), urgent }), member: this.mesh.id };
  }
}
