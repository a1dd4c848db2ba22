import { Injectable } from '@nestjs/common';
import { type GossipMembersReply, type gossipMembersRequestSchema } from '@nexus/contracts';
import { MeshMember } from '@nexus/mesh';
import { type z } from 'zod';
import { pageOf } from '../pages/page.js';

export type GossipMembersRequest = z.output<typeof gossipMembersRequestSchema>;

const pageBytesMax = 512 * 1_024;

/** Who is there as this member sees it, in the order of their ids. */
@Injectable()
export class MembersHandler {
  constructor(private readonly mesh: MeshMember) {}

  members({ kind, status, cursor: after, limit }: GossipMembersRequest): GossipMembersReply {
    const wanted = this.mesh
      .members()
      .filter(
        (member) => (kind ?? member.kind) === member.kind && (status ?? member.status) === member.status,
      )
      .sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
    const nameOf = ({ memberId }: { readonly memberId: string }) => memberId;
    const { items, cursor } = pageOf({ items: wanted, nameOf, after, limit, bytesMax: pageBytesMax });
    return { self: this.mesh.id, members: items, cursor };
  }
}
