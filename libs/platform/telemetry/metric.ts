/** What sets the series of a metric apart. Only values of closed lists, and the names of processes, may stand here. */
export type Labels = Readonly<Record<string, string>>;

/** A histogram as Prometheus knows it. */
export interface HistogramValue {
  /** Upper bounds of the buckets, rising. */
  readonly bounds: readonly number[];
  /** A count a bucket, and one for what exceeds every bound. */
  readonly counts: readonly number[];
  readonly sum: number;
}

interface MetricHead {
  /** With dots and without its unit, as in the semantic conventions. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Seconds, bytes, or a number of something. */
  readonly unit: 's' | 'By' | '1';
}

interface Point<V> {
  readonly labels: Labels;
  readonly value: V;
}

/** One metric with all its series, as they stand at the moment. */
export type Metric =
  | (MetricHead & { readonly kind: 'counter' | 'gauge'; readonly points: readonly Point<number>[] })
  | (MetricHead & { readonly kind: 'histogram'; readonly points: readonly Point<HistogramValue>[] });

/** Reads what somebody counted. It is asked at each scrape, and costs nothing in between. */
export type MetricSource = () => readonly Metric[];
