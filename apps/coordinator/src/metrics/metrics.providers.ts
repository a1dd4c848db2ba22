import { type Provider } from '@nestjs/common';
import { nodeIdSchema, parse } from '@nexus/contracts';
import { RedisConnection } from '@nexus/platform/redis';
import { type ServiceInstance } from '@nexus/platform/service';
import { type BalancedWorkParts } from '../performance/balanced-plan.js';
import { BALANCED_WORK } from '../performance/performance.providers.js';
import { CoordinationMetrics } from './coordination-metrics.js';
import { FigureSharing } from './figure-sharing.js';
import { MetricsHandler } from './metrics.handler.js';
import { OpenMetricsSource } from './open-metrics-source.js';
import { FigureSums } from './figure-sums.js';
import { type WorkGauges, workGaugesOf } from './work-gauges.js';

const WORK_GAUGES = Symbol('WorkGauges');

/** What is counted here, and the ways on which it is told. */
export const metricsProviders = ({ nodeId, incarnation }: ServiceInstance): Provider[] => [
  CoordinationMetrics,
  {
    provide: WORK_GAUGES,
    inject: [BALANCED_WORK],
    useFactory: ({ loads, waiting }: BalancedWorkParts) => workGaugesOf(loads, waiting),
  },
  {
    provide: FigureSums,
    inject: [RedisConnection],
    useFactory: (connection: RedisConnection) => new FigureSums(connection, incarnation),
  },
  {
    provide: FigureSharing,
    inject: [CoordinationMetrics, FigureSums, WORK_GAUGES],
    useFactory: (metrics: CoordinationMetrics, shared: FigureSums, { ejections }: WorkGauges) =>
      new FigureSharing({ metrics, shared, ejections }),
  },
  {
    provide: OpenMetricsSource,
    inject: [CoordinationMetrics, WORK_GAUGES],
    useFactory: (metrics: CoordinationMetrics, gauges: WorkGauges) =>
      new OpenMetricsSource({ service: 'coordinator', instanceId: nodeId }, metrics, gauges),
  },
  {
    provide: MetricsHandler,
    inject: [CoordinationMetrics, FigureSharing, FigureSums, WORK_GAUGES],
    useFactory: (
      metrics: CoordinationMetrics,
      sharing: FigureSharing,
      shared: FigureSums,
      gauges: WorkGauges,
    ) =>
      new MetricsHandler({ metrics, sharing, shared, gauges, self: parse(nodeIdSchema, nodeId, 'node id') }),
  },
];
