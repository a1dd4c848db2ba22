import { type OnApplicationShutdown } from '@nestjs/common';
import { publishMetrics, type ServiceIdentity } from '@nexus/platform/telemetry';
import { type CoordinationMetrics } from './coordination-metrics.js';
import { openMetrics } from './open-metrics.js';
import { type WorkGauges } from './work-gauges.js';

/** Shows the figures of this coordinator on the metrics page, for as long as it runs. */
export class OpenMetricsSource implements OnApplicationShutdown {
  private readonly withdraw: () => void;

  constructor(identity: ServiceIdentity, metrics: CoordinationMetrics, gauges: WorkGauges) {
    this.withdraw = publishMetrics(identity, () => openMetrics(metrics, gauges));
  }

  onApplicationShutdown(): void {
    this.withdraw();
  }
}
