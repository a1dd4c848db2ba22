import { type CoordinateReply, histogramSchema } from '@nexus/contracts';
import { dataText } from './data-text.js';

/** An aggregate in one line; a histogram as `0..0.5: 3, 0.5..1: 9`. */
export function aggregateText(aggregate: unknown): string {
  const histogram = histogramSchema.safeParse(aggregate);
  if (!histogram.success) return dataText(aggregate);
  return histogram.data.buckets
    .map(({ from, to, count }) => `${figure(from)}..${figure(to)}: ${count}`)
    .join(', ');
}

/** Why an aggregate of answers says nothing; undefined when it says something. */
export function emptyAggregateNote(reply: CoordinateReply, field: string | undefined): string | undefined {
  if (reply.type !== 'gather') return undefined;
  const { responses, sampleSize } = reply.result;
  if (sampleSize !== 0 || responses.length === 0) return undefined;
  const remedy = field === undefined ? 'add --field, as --field /cpu' : `is --field ${field} right?`;
  return `0 of ${responses.length} answers had a value to aggregate there; ${remedy}`;
}

const figure = (value: number) => String(Number(value.toPrecision(4)));
