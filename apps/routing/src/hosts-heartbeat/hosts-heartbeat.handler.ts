import { Injectable } from '@nestjs/common';
import { type HostHeartbeatReply, type HostHeartbeatRequest, type NodeId } from '@nexus/contracts';
import { tokenHashOf } from '@nexus/wire';
import { RouteRegistry } from '../changes/route-registry.js';
import { hostRefusal } from '../register/refusal.js';
import { hostLoadOf } from '../store/host-load.js';

/** Takes one sign of life for all agents of a host, and their loads with it. */
@Injectable()
export class HostsHeartbeatHandler {
  constructor(private readonly registry: RouteRegistry) {}

  /**
   * @throws NexusError `not_found` when the host has to register its agents again, `unauthorized` for a wrong token,
   * `unavailable` while Redis does not answer
   */
  async heartbeat(hostId: NodeId, request: HostHeartbeatRequest): Promise<HostHeartbeatReply> {
    const heard = await this.registry.hostHeartbeat({
      host: hostId,
      tokenHash: tokenHashOf(request.token),
      load: hostLoadOf(request),
    });
    if (heard.kind !== 'heard') throw hostRefusal(hostId, heard);
    return { agents: heard.agents };
  }
}
