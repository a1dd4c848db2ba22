import { Injectable } from '@nestjs/common';
import { type CoordinateReply } from '@nexus/contracts';
import { EventPublisher } from '@nexus/platform/nats';
import { trace } from '@opentelemetry/api';
import { Coordination, type CoordinationOptions } from '../coordination/coordination.js';
import { EventClock } from '../coordination/event-clock.js';
import { ExclusiveAgents } from '../exclusive/exclusive-agents.js';
import { Fleet } from '../fleet/fleet.js';
import { Ladder } from '../ladder/ladder.js';
import { composeReply } from './reply.js';

/** A request that was admitted, before its agents are known. */
export type Admitted = Omit<
  CoordinationOptions<Coordination['goal']>,
  'targets' | 'clock' | 'traceId' | 'leases'
>;

/** Carries one admitted request out: finds its agents, holds them where it asks for that, serves it, tells of it. */
@Injectable()
export class Conductor {
  constructor(
    private readonly fleet: Fleet,
    private readonly exclusive: ExclusiveAgents,
    private readonly ladder: Ladder,
    private readonly clock: EventClock,
    private readonly events: EventPublisher,
  ) {}

  /**
   * @param onStarted told of the coordination before anything is sent
   * @throws NexusError what the caller is told instead of a result
   */
  async conduct(
    admitted: Admitted,
    onStarted: (coordination: Coordination) => void,
  ): Promise<CoordinateReply> {
    const { id, request, deadline } = admitted;
    const targets = await this.fleet.resolve(request.agents, deadline);
    const span = trace.getActiveSpan();
    span?.setAttributes({
      'messaging.message.conversation_id': id,
      'nexus.goal.type': request.goal.type,
      'nexus.agents': targets.agents.length,
    });
    const traceId = span?.spanContext().traceId ?? '';
    return this.exclusive.during({
      ...{ request, targets, owner: id, deadline },
      run: (leases) => {
        const clock = this.clock.tick();
        const coordination = new Coordination({ ...admitted, targets, clock, traceId, leases });
        onStarted(coordination);
        return this.serve(coordination);
      },
    });
  }

  private async serve(coordination: Coordination): Promise<CoordinateReply> {
    const served = await this.ladder.serve(coordination, coordination.goal.type);
    const reply = composeReply(coordination, served, this.clock.tick());
    trace.getActiveSpan()?.setAttributes({ 'nexus.layer': reply.layer, 'nexus.status': reply.status });
    const { coordinationId, type, status, layer, traceId } = reply;
    const { durationMs, agents } = reply.performance;
    this.events.publish('coordination.completed', {
      ...{ coordinationId, type, status, layer, traceId, durationMs, agents },
      at: new Date().toISOString(),
    });
    return reply;
  }
}
