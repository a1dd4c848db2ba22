import { Injectable } from '@nestjs/common';
import { type ReplicaId } from '@nexus/contracts';
import { ConsensusTimeout } from '../consensus-timeout.js';
import { faultOf } from '../gateway/fault.js';
import { Gateway } from '../gateway/gateway.js';

@Injectable()
export class MembersHandler {
  constructor(
    private readonly gateway: Gateway,
    private readonly timeout: ConsensusTimeout,
  ) {}

  /** Changes who takes part, through whoever leads. */
  async change(kind: 'members.add' | 'members.remove', replicaId: ReplicaId) {
    // The leader gives up first, so that it is its reason that is told.
    const withinMs = Math.floor((this.timeout.ms * 9) / 10);
    const ended = await this.gateway.run({ kind, replicaId, withinMs }, this.timeout.ms);
    if (ended.kind === 'members') return { index: ended.index, members: ended.members };
    throw faultOf(ended, 'the change of members');
  }
}
