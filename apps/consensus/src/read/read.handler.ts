import { Inject, Injectable } from '@nestjs/common';
import { type ReadReply, type ReadRequest } from '@nexus/contracts';
import { NATS_PREFIX } from '@nexus/platform/nats';
import { ConsensusTimeout } from '../consensus-timeout.js';
import { faultOf, refusedByReplica, unavailable } from '../gateway/fault.js';
import { Gateway } from '../gateway/gateway.js';
import { notLeader } from '../gateway/not-leader.js';
import { ReplicaHost } from '../host/replica-host.js';
import { type Query } from '../replica/readings.js';
import { type Replica } from '../replica/replica.js';
import { type NotRecorded } from '../replica/submission.js';

@Injectable()
export class ReadHandler {
  constructor(
    private readonly gateway: Gateway,
    private readonly host: ReplicaHost,
    private readonly timeout: ConsensusTimeout,
    @Inject(NATS_PREFIX) private readonly prefix: string,
  ) {}

  /** Reads through whoever leads, after a majority confirmed that it does (R16); `local` from here. */
  async read({ consistency, ...query }: ReadRequest): Promise<ReadReply> {
    if (consistency === 'local') return this.replica.readLocal(query);
    const ended = await this.gateway.run({ kind: 'read', query }, this.timeout.ms);
    if (ended.kind === 'reading') return ended.reading;
    throw faultOf(ended, 'the read');
  }

  /** Reads from this replica, or from none. */
  async readHere({ consistency, ...query }: ReadRequest): Promise<ReadReply> {
    const { replica } = this;
    if (consistency === 'local') return replica.readLocal(query);
    const reading = await this.confirmed(replica, query);
    if (!('kind' in reading)) return reading;
    if (reading.reason !== 'not_leader') throw refusedByReplica(reading);
    const { replicaId, leader } = this.host;
    throw notLeader({ prefix: this.prefix, template: 'consensus.{replicaId}.read', replicaId, leader });
  }

  private confirmed(replica: Replica, query: Query): Promise<ReadReply | NotRecorded> {
    return new Promise((resolve, reject) => {
      const late = () => reject(unavailable('no majority confirmed in time that this replica leads'));
      const timer = setTimeout(late, this.timeout.ms);
      replica.read(query, (reading) => {
        clearTimeout(timer);
        resolve(reading);
      });
    });
  }

  private get replica(): Replica {
    const { replica, replicaId } = this.host;
    if (replica === undefined) throw unavailable(`${replicaId} does not take part yet, or any more`);
    return replica;
  }
}
