import { Injectable } from '@nestjs/common';
import { type GossipPutReply, type gossipPutRequestSchema } from '@nexus/contracts';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { type z } from 'zod';

export type GossipPutRequest = z.output<typeof gossipPutRequestSchema>;

/** Puts a shared key at this member, which keeps and spreads it as long as it lives. */
@Injectable()
export class PutHandler {
  constructor(
    private readonly mesh: MeshMember,
    private readonly keys: SharedKeys,
  ) {}

  /** @throws NexusError `payload_too_large` for a value above the bound, `overloaded` when there is no room for a key */
  put({ key, value, clock, urgent }: GossipPutRequest): GossipPutReply {
    return { ...this.keys.put(key, value, { ...(clock && { clock }), urgent }), member: this.mesh.id };
  }
}
