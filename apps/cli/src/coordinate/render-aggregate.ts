import { histogramSchema } from '@nexus/contracts';
import { dataText } from './data-text.js';

/** An aggregate in one line; a histogram as `0..0.5: 3, 0.5..1: 9`. */
export function aggregateText(aggregate: unknown): string {
  const histogram = histogramSchema.safeParse(aggregate);
  if (!histogram.success) return dataText(aggregate);
  return histogram.data.buckets
    .map(({ from, to, count }) => `${figure(from)}..${figure(to)}: ${count}`)
    .join(', ');
}

const figure = (value: number) => String(Number(value.toPrecision(4)));
