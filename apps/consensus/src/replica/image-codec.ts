import { type StateImage } from '@nexus/core/replicated-state';
import { Packr } from 'msgpackr';

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** Rows of a table that are written at a stretch, so that heartbeats go on beside a large image. */
const rowsAtOnce = 500;

type Tables = 'keys' | 'leases' | 'elections' | 'sessions' | 'requests';
const tables: readonly Tables[] = ['keys', 'leases', 'elections', 'sessions', 'requests'];

/**
 * Writes an image as a sequence of MessagePack values, a few at each step: the numbers first, then runs of rows, each
 * under the name of its table.
 */
export function* encodeImage(image: StateImage): Generator<void, Uint8Array> {
  const numbers = { ...image, keys: [], leases: [], elections: [], sessions: [], requests: [] };
  const parts: Uint8Array[] = [Buffer.from(packr.pack(numbers))];
  for (const table of tables) {
    const rows: readonly unknown[] = image[table];
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      yield;
      parts.push(Buffer.from(packr.pack([table, rows.slice(from, from + rowsAtOnce)])));
    }
  }
  return Buffer.concat(parts);
}

/** Reads what `encodeImage` wrote; a checksum has vouched for it. */
export function decodeImage(bytes: Uint8Array): StateImage {
  const values = packr.unpackMultiple(bytes) as unknown[];
  const [numbers, ...runs] = values as [StateImage, ...(readonly [Tables, readonly unknown[]])[]];
  const rows: Record<Tables, unknown[]> = { keys: [], leases: [], elections: [], sessions: [], requests: [] };
  for (const [table, run] of runs) for (const row of run) rows[table].push(row);
  return { ...numbers, ...rows } as StateImage;
}
