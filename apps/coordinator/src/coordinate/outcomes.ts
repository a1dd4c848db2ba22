import { Injectable } from '@nestjs/common';
import { type CoordinateReply, type Goal, NexusError } from '@nexus/contracts';
import { EventPublisher } from '@nexus/platform/nats';
import { trace } from '@opentelemetry/api';
import { type Coordination } from '../coordination/coordination.js';
import { type Considered } from '../intelligence/considering.js';
import { Learning } from '../intelligence/learning.js';
import { CoordinationMetrics } from '../metrics/coordination-metrics.js';

/** Tells whoever is interested what coordinations come to: listeners, the trace, the metrics, the models. */
@Injectable()
export class Outcomes {
  constructor(
    private readonly events: EventPublisher,
    private readonly metrics: CoordinationMetrics,
    private readonly learning: Learning,
  ) {}

  /** To be followed by `end`, whatever comes between. */
  begin(): void {
    this.metrics.begin();
  }

  /** Before anything is done: what is known of it now is what the models are to learn from. */
  started(coordination: Coordination): Considered {
    return this.learning.started(coordination);
  }

  end(): void {
    this.metrics.end();
  }

  served(coordination: Coordination, reply: CoordinateReply): void {
    const { coordinationId, type, status, layer, strategy, traceId } = reply;
    const span = trace.getActiveSpan();
    if (span?.isRecording()) span.setAttributes({ 'nexus.layer': layer, 'nexus.status': status });
    const { durationMs, agents } = reply.performance;
    this.events.publish('coordination.completed', {
      ...{ coordinationId, type, status, layer, strategy, traceId, durationMs, agents },
      at: new Date().toISOString(),
    });
    this.metrics.served(reply);
    this.learning.served(coordination, reply);
  }

  /**
   * @param thrown instead of a reply
   * @param coordination if it had begun
   */
  refused(goal: Goal, thrown: unknown, coordination: Coordination | undefined): void {
    this.metrics.refused(goal, NexusError.from(thrown).code);
    if (coordination) this.learning.failed(coordination, thrown);
  }
}
