import { Injectable } from '@nestjs/common';
import { type CoordinateReply } from '@nexus/contracts';
import { trace } from '@opentelemetry/api';
import { type AgentLeases, noLeases } from '../coordination/agent-leases.js';
import { Coordination, type CoordinationOptions } from '../coordination/coordination.js';
import { EventClock } from '../coordination/event-clock.js';
import { ExclusiveAgents } from '../exclusive/exclusive-agents.js';
import { Fleet } from '../fleet/fleet.js';
import { Ladder } from '../ladder/ladder.js';
import { Outcomes } from './outcomes.js';
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
    private readonly outcomes: Outcomes,
  ) {}

  /**
   * @param onStarted told of the coordination before anything is sent
   * @throws NexusError what the caller is told instead of a result
   */
  async conduct(
    admitted: Admitted,
    onStarted: (coordination: Coordination) => void,
  ): Promise<CoordinateReply> {
    this.outcomes.begin();
    let begun: Coordination | undefined;
    try {
      return await this.carryOut(admitted, (coordination) => {
        begun = coordination;
        onStarted(coordination);
      });
    } catch (thrown) {
      this.outcomes.refused(admitted.request.goal, thrown, begun);
      throw thrown;
    } finally {
      this.outcomes.end();
    }
  }

  private async carryOut(
    admitted: Admitted,
    onStarted: (coordination: Coordination) => void,
  ): Promise<CoordinateReply> {
    const { id, request, deadline } = admitted;
    const found = this.fleet.resolve(request.agents, deadline);
    // To wait for what is here would cost every request a turn.
    const targets = found instanceof Promise ? await found : found;
    const traceId = noteTrace(id, request.goal.type, targets.agents.length);
    const run = (leases: AgentLeases) => {
      const clock = this.clock.tick();
      const coordination = new Coordination({ ...admitted, targets, clock, traceId, leases });
      onStarted(coordination);
      return this.serve(coordination);
    };
    if (!request.exclusive) return run(noLeases);
    return this.exclusive.during({ targets, owner: id, deadline, run });
  }

  private async serve(coordination: Coordination): Promise<CoordinateReply> {
    const considered = this.outcomes.started(coordination);
    const served = await this.ladder.serve(coordination, coordination.goal.type);
    const reply = composeReply(coordination, { served, considered, clock: this.clock.tick() });
    this.outcomes.served(coordination, reply);
    return reply;
  }
}

/** Marks the span of the request; the trace's id. */
function noteTrace(coordinationId: string, type: string, agents: number): string {
  const span = trace.getActiveSpan();
  if (span?.isRecording()) {
    span.setAttributes({
      'messaging.message.conversation_id': coordinationId,
      'nexus.goal.type': type,
      'nexus.agents': agents,
    });
  }
  return span?.spanContext().traceId ?? '';
}
