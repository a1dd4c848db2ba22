/*
 * Outcomes by the caller's own name for its request, for a caller that repeats it through another gateway or after a
 * restart. All are kept for the same time, so they end in the order in which they came: a queue is enough.
 */
import { type RequestImage } from './image.js';
import { type StateLimits } from './limits.js';
import { outcomeImage, restoreOutcome, type SavedOutcome } from './saved-outcome.js';
import { type Turn } from './turn.js';

interface Request {
  readonly requestId: string;
  readonly savedAtMs: number;
  readonly saved: SavedOutcome;
}

/** Taken places at the front of the queue that are not worth clearing yet. */
const vacantMin = 1_024;

export class RequestOutcomes {
  private readonly requests = new Map<string, Request>();
  /** Oldest first, from `head` on. */
  private readonly queue: Request[] = [];
  private head = 0;

  constructor(private readonly limits: StateLimits) {}

  recall(requestId: string): SavedOutcome | undefined {
    return this.requests.get(requestId)?.saved;
  }

  /** Keeps the outcome of a request whose id is not known. */
  save({ nowMs }: Turn, requestId: string, saved: SavedOutcome): void {
    this.add({ requestId, savedAtMs: nowMs, saved });
    if (this.requests.size > this.limits.requestIdsMax) this.forgetOldest();
  }

  /** Forgets the requests whose time is over by the entry's stamp. */
  expire({ nowMs }: Turn): void {
    const { requestIdWindowMs } = this.limits;
    for (let oldest = this.queue[this.head]; oldest !== undefined; oldest = this.queue[this.head]) {
      if (oldest.savedAtMs + requestIdWindowMs > nowMs) return;
      this.forgetOldest();
    }
  }

  image(): RequestImage[] {
    const image: RequestImage[] = [];
    for (let place = this.head; place < this.queue.length; place++) {
      const { requestId, savedAtMs, saved } = this.queue[place]!;
      image.push([requestId, savedAtMs, outcomeImage(saved)]);
    }
    return image;
  }

  /** @param decided tells what a key is decided to be */
  restore(image: readonly RequestImage[], decided: (key: string) => unknown): void {
    for (const [requestId, savedAtMs, outcome] of image)
      this.add({ requestId, savedAtMs, saved: restoreOutcome(outcome, decided) });
  }

  private add(request: Request): void {
    this.requests.set(request.requestId, request);
    this.queue.push(request);
  }

  private forgetOldest(): void {
    const oldest = this.queue[this.head];
    if (oldest === undefined) return;
    this.requests.delete(oldest.requestId);
    this.head++;
    if (this.head < vacantMin || this.head * 2 < this.queue.length) return;
    this.queue.splice(0, this.head);
    this.head = 0;
  }
}
