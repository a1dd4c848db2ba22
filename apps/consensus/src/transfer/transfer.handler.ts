import { Injectable } from '@nestjs/common';
import { type ReplicaId } from '@nexus/contracts';
import { ConsensusTimeout } from '../consensus-timeout.js';
import { faultOf } from '../gateway/fault.js';
import { Gateway } from '../gateway/gateway.js';

@Injectable()
export class TransferHandler {
  constructor(
    private readonly gateway: Gateway,
    private readonly timeout: ConsensusTimeout,
  ) {}

  /** Hands leadership to a replica, or to the one that is furthest. */
  async transfer(to: ReplicaId | null) {
    // The leader gives up first, so that it is its reason that is told.
    const withinMs = Math.floor(this.timeout.ms / 2);
    const ended = await this.gateway.run({ kind: 'transfer', to, withinMs }, this.timeout.ms);
    if (ended.kind === 'transferred') return { leader: ended.leader, term: ended.term };
    throw faultOf(ended, 'the transfer');
  }
}
