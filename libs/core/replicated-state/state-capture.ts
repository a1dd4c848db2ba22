import { type ImageNumbers, type ImageTables, type StateImage } from './image.js';
import { type TableImage } from './table-image.js';

export type CapturedTables = {
  readonly [Name in keyof ImageTables]: TableImage<ImageTables[Name][number]>;
};

/** Rows of one table that follow each other. */
export type ImageRun = {
  readonly [Name in keyof ImageTables]: { readonly table: Name; readonly rows: ImageTables[Name] };
}[keyof ImageTables];

/**
 * The state as it stood at one entry, to be written in pieces while later entries are applied. It shares with the live
 * state what never changes: values, keys, outcomes.
 */
export class StateCapture {
  constructor(
    /** All of the image but its tables. */
    readonly numbers: ImageNumbers,
    private readonly tables: CapturedTables,
  ) {}

  /** The tables in their order, cut into runs; those of the same table, put together, are the table. */
  *runs(bytesAtOnce: number): Generator<ImageRun, void> {
    const { keys, leases, elections, sessions, requests } = this.tables;
    for (const rows of runsOf(keys, bytesAtOnce)) yield { table: 'keys', rows };
    for (const rows of runsOf(leases, bytesAtOnce)) yield { table: 'leases', rows };
    for (const rows of runsOf(elections, bytesAtOnce)) yield { table: 'elections', rows };
    for (const rows of runsOf(sessions, bytesAtOnce)) yield { table: 'sessions', rows };
    for (const rows of runsOf(requests, bytesAtOnce)) yield { table: 'requests', rows };
  }

  /** All of it at once. */
  image(): StateImage {
    const { keys, leases, elections, sessions, requests } = this.tables;
    return {
      ...this.numbers,
      keys: rowsOf(keys),
      leases: rowsOf(leases),
      elections: rowsOf(elections),
      sessions: rowsOf(sessions),
      requests: rowsOf(requests),
    };
  }
}

/** An image that is there as a whole, as runs: each table is one. */
export function wholeTables({ keys, leases, elections, sessions, requests }: ImageTables): ImageRun[] {
  return [
    { table: 'keys', rows: keys },
    { table: 'leases', rows: leases },
    { table: 'elections', rows: elections },
    { table: 'sessions', rows: sessions },
    { table: 'requests', rows: requests },
  ];
}

/** Each run takes about as many bytes: of rows that are large there are few in it, and one at least. */
function* runsOf<Row>(table: TableImage<Row>, bytesAtOnce: number): Generator<Row[], void> {
  let rows: Row[] = [];
  let bytes = 0;
  for (let at = 0; at < table.length; at++) {
    rows.push(table.row(at));
    bytes += table.bytes(at);
    if (bytes < bytesAtOnce) continue;
    yield rows;
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield rows;
}

function rowsOf<Row>(table: TableImage<Row>): Row[] {
  return Array.from({ length: table.length }, (_, at) => table.row(at));
}
