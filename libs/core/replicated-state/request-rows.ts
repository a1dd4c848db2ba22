import { type SavedOutcome } from './saved-outcome.js';

/** What a request id stands for. */
export interface RequestRow {
  readonly requestId: string;
  readonly savedAtMs: number;
  /** Of its command. */
  readonly digest: number;
  readonly saved: SavedOutcome;
}

/** Rows that are kept together. */
export const rowsPerChunk = 1_024;

/** Numbers of a row: when it was saved, digest, index, term, version, fencing token or 0. */
const width = 6;

/**
 * Rows that are written once and never changed. Most outcomes are a few numbers, which half a million times as objects
 * would be much to keep, and to walk for the collector; so they are numbers here, and become an outcome when asked for.
 */
export class RequestRows {
  private readonly requestIds: string[] = [];
  private readonly numbers = new Float64Array(width * rowsPerChunk);
  /** Those that are more than numbers. */
  private readonly answers: (SavedOutcome | null)[] = [];

  get isFull(): boolean {
    return this.requestIds.length === rowsPerChunk;
  }

  add({ requestId, savedAtMs, digest, saved }: RequestRow): void {
    const from = this.requestIds.length * width;
    const { outcome } = saved;
    this.requestIds.push(requestId);
    this.numbers[from] = savedAtMs;
    this.numbers[from + 1] = digest;
    if (outcome.kind === 'refused' || 'value' in outcome) {
      this.answers.push(saved);
      return;
    }
    this.answers.push(null);
    this.numbers[from + 2] = outcome.index;
    this.numbers[from + 3] = outcome.term;
    this.numbers[from + 4] = outcome.version;
    this.numbers[from + 5] = outcome.fencingToken ?? 0;
  }

  requestId(row: number): string {
    return this.requestIds[row]!;
  }

  savedAtMs(row: number): number {
    return this.numbers[row * width]!;
  }

  digest(row: number): number {
    return this.numbers[row * width + 1]!;
  }

  saved(row: number): SavedOutcome {
    const answer = this.answers[row];
    if (answer) return answer;
    const from = row * width;
    const index = this.numbers[from + 2]!;
    const term = this.numbers[from + 3]!;
    const version = this.numbers[from + 4]!;
    const fencingToken = this.numbers[from + 5]!;
    const done = { kind: 'done', index, term, version } as const;
    return { outcome: fencingToken === 0 ? done : { ...done, fencingToken }, decidedKey: null };
  }
}
