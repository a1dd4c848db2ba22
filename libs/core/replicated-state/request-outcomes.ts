/*
 * Outcomes by the caller's own name for its request, for a caller that repeats it through another gateway or after a
 * restart. Each is kept for the same time, whatever comes: one that gave way to newer ones would let a repeat within the
 * time apply again. So there is room for a number of them, and who brings another one waits until the oldest leaves.
 */
import { type RequestImage } from './image.js';
import { type StateLimits } from './limits.js';
import { type Refused, refused } from './outcome.js';
import { type RequestRow, RequestRows, rowsPerChunk } from './request-rows.js';
import { outcomeImage, restoreOutcome, type SavedOutcome } from './saved-outcome.js';
import { type TableImage } from './table-image.js';
import { type Turn } from './turn.js';

const path = 'requestId';

/** What a row takes in an image, about, in bytes. */
const rowBytes = 96;

export class RequestOutcomes {
  /** The place of each id in the queue. */
  private readonly places = new Map<string, number>();
  /** Oldest first; the first one holds the head of the queue. */
  private readonly chunks: RequestRows[] = [];
  /** Places of the queue are counted from its beginning, and never given twice. */
  private head = 0;
  private tail = 0;

  constructor(private readonly limits: StateLimits) {}

  /** What is known of a request: its outcome, or why it cannot be applied now; undefined when it can. */
  recall(turn: Turn, requestId: string, digest: number): SavedOutcome | Refused | undefined {
    const place = this.places.get(requestId);
    if (place !== undefined && !this.isOver(place, turn.nowMs)) {
      const [rows, row] = [this.chunkOf(place), place % rowsPerChunk];
      const saved = rows.saved(row);
      return rows.digest(row) === digest ? saved : anotherCommand(turn, saved);
    }
    if (this.tail - this.head < this.limits.requestIdsMax) return undefined;
    const retryAfterMs = this.savedAtMs(this.head) + this.limits.requestIdWindowMs - turn.nowMs;
    return refused(turn, 'overloaded', 'too many request ids are kept', { path, retryAfterMs });
  }

  /** Keeps the outcome of a request of which nothing is known. */
  save(row: RequestRow): void {
    let last = this.chunks.at(-1);
    if (last === undefined || last.isFull) {
      last = new RequestRows();
      this.chunks.push(last);
    }
    last.add(row);
    this.places.set(row.requestId, this.tail);
    this.tail++;
  }

  /** Forgets the requests whose time is over by the entry's stamp, a bounded number at once. */
  expire({ nowMs, expiriesMax }: Turn): void {
    for (let count = 0; count < expiriesMax && this.head < this.tail; count++) {
      if (!this.isOver(this.head, nowMs)) return;
      this.forgetOldest();
    }
  }

  image(): TableImage<RequestImage> {
    const chunks = [...this.chunks];
    const first = this.head % rowsPerChunk;
    return {
      length: this.tail - this.head,
      row: (at) => {
        const chunk = chunks[Math.floor((first + at) / rowsPerChunk)]!;
        const row = (first + at) % rowsPerChunk;
        const outcome = outcomeImage(chunk.saved(row));
        return [chunk.requestId(row), chunk.savedAtMs(row), chunk.digest(row), outcome];
      },
      bytes: () => rowBytes,
    };
  }

  /** @param decision tells what a key is decided to be */
  restore(image: readonly RequestImage[], decision: (key: string) => unknown): void {
    for (const [requestId, savedAtMs, digest, outcome] of image)
      this.save({ requestId, savedAtMs, digest, saved: restoreOutcome(outcome, decision) });
  }

  private savedAtMs(place: number): number {
    return this.chunkOf(place).savedAtMs(place % rowsPerChunk);
  }

  private isOver(place: number, nowMs: number): boolean {
    return this.savedAtMs(place) + this.limits.requestIdWindowMs <= nowMs;
  }

  private chunkOf(place: number): RequestRows {
    return this.chunks[Math.floor(place / rowsPerChunk) - Math.floor(this.head / rowsPerChunk)]!;
  }

  private forgetOldest(): void {
    const requestId = this.chunkOf(this.head).requestId(this.head % rowsPerChunk);
    // An id whose time was over may have come anew, before its old place was reached.
    if (this.places.get(requestId) === this.head) this.places.delete(requestId);
    this.head++;
    if (this.head % rowsPerChunk === 0) this.chunks.shift();
  }
}

/** Says what became of the first one too, so that who asks for the same with another command can go on from there. */
function anotherCommand(turn: Turn, { outcome }: SavedOutcome): Refused {
  const { index, term } = outcome;
  const first =
    outcome.kind === 'done' ? { index, term, version: outcome.version } : { index, term, code: outcome.code };
  const details = Object.entries(first).map(([name, value]) => ({
    path: `${path}.${name}`,
    message: `${value}`,
  }));
  return refused(turn, 'conflict', 'the request id was used for another command', { path, details });
}
