import { type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { type HistogramValue, type Labels, type Metric, type MetricSource } from './metric.js';
import { type ServiceIdentity } from './service-context.js';

interface Published {
  readonly labels: Labels;
  readonly source: MetricSource;
}

/**
 * The metrics of all services of the process. Services count in numbers and arrays of their own and are asked only when
 * somebody wants to know: an instrument of the SDK would cost each request about a microsecond a record.
 */
export class MetricRegistry implements MetricProducer {
  private readonly published = new Set<Published>();
  private readonly startTime = hrTime();

  /** Adds what a source tells, under the name of its service; returns how to take it back. */
  add(identity: ServiceIdentity | undefined, source: MetricSource): () => void {
    const labels = identity ? { service: identity.service, node: identity.instanceId } : {};
    const entry = { labels, source };
    this.published.add(entry);
    return () => this.published.delete(entry);
  }

  /** A source that fails is left out, and told of; the others are shown. */
  collect(): Promise<CollectionResult> {
    return Promise.resolve(this.read());
  }

  private read(): CollectionResult {
    const errors: unknown[] = [];
    const metrics = new Map<string, MetricData>();
    const endTime = hrTime();
    for (const { labels, source } of this.published) {
      try {
        for (const metric of source()) this.take(metrics, metric, labels, endTime);
      } catch (error) {
        errors.push(error);
      }
    }
    const scope = { name: 'nexus' };
    const scopeMetrics = metrics.size === 0 ? [] : [{ scope, metrics: [...metrics.values()] }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors };
  }

  /** Metrics of one name, from several services, are one with more series. */
  private take(metrics: Map<string, MetricData>, metric: Metric, labels: Labels, endTime: HrTime): void {
    const data = metrics.get(metric.name) ?? emptyData(metric);
    metrics.set(metric.name, data);
    const { startTime } = this;
    for (const point of metric.points) {
      const attributes = { ...labels, ...point.labels };
      const value = typeof point.value === 'number' ? point.value : histogramOf(point.value);
      // The kind of a metric decides the type of its values; a union of arrays cannot say so.
      (data.dataPoints as DataPoint<unknown>[]).push({ startTime, endTime, attributes, value });
    }
  }
}

const unitWords = { s: '.seconds', By: '.bytes', 1: '' } as const;

function emptyData({ name, description, unit, kind }: Metric): MetricData {
  // The exporter adds no unit to a name, as Prometheus wants it.
  const descriptor = { name: name + unitWords[unit], description, unit, valueType: ValueType.DOUBLE };
  const head = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  switch (kind) {
    case 'counter':
      return { ...head, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: [] };
    case 'gauge':
      return { ...head, dataPointType: DataPointType.GAUGE, dataPoints: [] };
    case 'histogram':
      return { ...head, dataPointType: DataPointType.HISTOGRAM, dataPoints: [] };
  }
}

const histogramOf = ({ bounds, counts, sum }: HistogramValue): Histogram => ({
  buckets: { boundaries: [...bounds], counts: [...counts] },
  sum,
  count: counts.reduce((total, count) => total + count, 0),
});
