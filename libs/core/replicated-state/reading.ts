/** What a key holds; version 0 and null when there is none. */
export interface KeyReading {
  readonly key: string;
  readonly value: unknown;
  readonly version: number;
}

/** Who holds a lease; all null when nobody does. */
export interface LeaseReading {
  readonly resource: string;
  readonly owner: string | null;
  readonly fencingToken: number | null;
  /** By the clock of the log. */
  readonly expiresInMs: number | null;
}

/** Who holds an office; all null when nobody does. */
export interface ElectionReading {
  readonly election: string;
  readonly leader: string | null;
  readonly fencingToken: number | null;
  /** By the clock of the log. */
  readonly expiresInMs: number | null;
  /** Candidates, in the order in which they will follow. */
  readonly waiting: readonly string[];
}
