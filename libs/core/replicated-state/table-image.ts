/**
 * A table as it stood at one entry, whatever has become of it since. To take one copies references and numbers only;
 * rows are made when they are asked for.
 */
export interface TableImage<Row> {
  readonly length: number;
  row(at: number): Row;
  /** Roughly what the row takes, in bytes. */
  bytes(at: number): number;
}
