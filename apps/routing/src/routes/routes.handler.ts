import { Injectable } from '@nestjs/common';
import { type AgentId, compiled, type PublicRoutesReply, publicRoutesReplySchema } from '@nexus/contracts';
import { SnapshotHandler } from '../snapshot/snapshot.handler.js';

/** Hands the table to clients that share work out by themselves: without what proves that an agent is who it says. */
@Injectable()
export class RoutesHandler {
  constructor(private readonly snapshot: SnapshotHandler) {}

  /** @throws NexusError `unavailable` before the table is loaded */
  async page(after: AgentId | undefined): Promise<PublicRoutesReply> {
    // The schema names what everybody may know; all else falls off.
    return compiled(publicRoutesReplySchema).parse(await this.snapshot.page(after));
  }
}
