import { Injectable } from '@nestjs/common';
import { type CoordinateReply, type Goal, NexusError } from '@nexus/contracts';
import { EventPublisher } from '@nexus/platform/nats';
import { trace } from '@opentelemetry/api';
import { CoordinationMetrics } from '../metrics/coordination-metrics.js';

/** Tells whoever is interested what coordinations come to: listeners, the trace, the metrics. */
@Injectable()
export class Outcomes {
  constructor(
    private readonly events: EventPublisher,
    private readonly metrics: CoordinationMetrics,
  ) {}

  /** To be followed by `end`, whatever comes between. */
  begin(): void {
    this.metrics.begin();
  }

  end(): void {
    this.metrics.end();
  }

  served(reply: CoordinateReply): void {
    const { coordinationId, type, status, layer, strategy, traceId } = reply;
    const span = trace.getActiveSpan();
    if (span?.isRecording()) span.setAttributes({ 'nexus.layer': layer, 'nexus.status': status });
    const { durationMs, agents } = reply.performance;
    this.events.publish('coordination.completed', {
      ...{ coordinationId, type, status, layer, strategy, traceId, durationMs, agents },
      at: new Date().toISOString(),
    });
    this.metrics.served(reply);
  }

  /** @param thrown instead of a reply */
  refused(goal: Goal, thrown: unknown): void {
    this.metrics.refused(goal, NexusError.from(thrown).code);
  }
}
