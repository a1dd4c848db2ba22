import { Injectable } from '@nestjs/common';
import { type GossipStateReply, type gossipStateRequestSchema } from '@nexus/contracts';
import { MeshMember, SharedKeys } from '@nexus/mesh';
import { type z } from 'zod';
import { pageOf } from '../pages/page.js';

export type GossipStateRequest = z.output<typeof gossipStateRequestSchema>;

/** What the versions of thousands of members leave of a message. */
const pageBytesMax = 256 * 1_024;

/** The shared keys as this member knows them, and whether all others know the same. */
@Injectable()
export class StateHandler {
  constructor(
    private readonly mesh: MeshMember,
    private readonly keys: SharedKeys,
  ) {}

  state({ keyPrefix: prefix, cursor: after, limit }: GossipStateRequest): GossipStateReply {
    const { converged, versions, waitingFor } = this.mesh.convergence();
    const { items, cursor } = pageOf({
      items: this.keys.list({ prefix, after }),
      nameOf: ({ key }) => key,
      after,
      limit,
      bytesMax: pageBytesMax,
    });
    return {
      self: this.mesh.id,
      converged,
      versions: Object.fromEntries(versions),
      waitingFor: [...waitingFor],
      keys: items,
      cursor,
    };
  }
}
