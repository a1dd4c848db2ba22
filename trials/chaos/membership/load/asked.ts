/** One request of the load, and what became of it. Times are of the wall clock, in milliseconds. */
export interface Asked {
  readonly kind: 'gather' | 'broadcast' | 'decision';
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The error's code, where there was no reply. */
  readonly error: string | null;
  /** Of a gather: who answered. */
  readonly answered: readonly string[];
  /** Of a broadcast: its number. */
  readonly number: number;
}
