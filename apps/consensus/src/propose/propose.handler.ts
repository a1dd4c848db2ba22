import { Injectable, Inject } from '@nestjs/common';
import { type ProposeReply, type ProposeRequest } from '@nexus/contracts';
import { NATS_PREFIX } from '@nexus/platform/nats';
import { doneOrThrow, faultOf, refusedByReplica, unavailable, unknownOutcome } from '../gateway/fault.js';
import { Gateway } from '../gateway/gateway.js';
import { notLeader } from '../gateway/not-leader.js';
import { ReplicaHost } from '../host/replica-host.js';
import { type Submitted } from '../replica/submission.js';

@Injectable()
export class ProposeHandler {
  constructor(
    private readonly gateway: Gateway,
    private readonly host: ReplicaHost,
    @Inject(NATS_PREFIX) private readonly prefix: string,
  ) {}

  /** Commits a command through whoever leads. */
  async propose({ command, requestId, timeoutMs }: ProposeRequest): Promise<ProposeReply> {
    const ended = await this.gateway.run({ kind: 'propose', ...named(command, requestId) }, timeoutMs);
    if (ended.kind === 'applied') return doneOrThrow(ended);
    throw faultOf(ended, 'the proposal');
  }

  /** Commits a command if this replica leads. */
  async proposeHere({ command, requestId, timeoutMs }: ProposeRequest): Promise<ProposeReply> {
    const { replica } = this.host;
    if (replica === undefined)
      throw unavailable(`${this.host.replicaId} does not take part yet, or any more`);
    const submitted = await new Promise<Submitted>((resolve) => {
      const timer = setTimeout(() => resolve({ kind: 'unknown' }), timeoutMs);
      replica.submit(named(command, requestId), (settled) => {
        clearTimeout(timer);
        resolve(settled);
      });
    });
    if (submitted.kind === 'applied') return doneOrThrow(submitted);
    if (submitted.kind === 'unknown') throw unknownOutcome();
    if (submitted.reason !== 'not_leader') throw refusedByReplica(submitted);
    const { replicaId, leader } = this.host;
    throw notLeader({ prefix: this.prefix, template: 'consensus.{replicaId}.propose', replicaId, leader });
  }
}

/** MessagePack tells a field that is absent from one that is undefined, and JSON knows only the first. */
const named = (command: ProposeRequest['command'], requestId: ProposeRequest['requestId']) =>
  requestId === undefined ? { command } : { command, requestId };
