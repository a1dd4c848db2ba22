import { batchMax } from './route-store.js';

/** A list in parts that one script may take. */
export function* batches<T>(items: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < items.length; at += batchMax) yield items.slice(at, at + batchMax);
}
