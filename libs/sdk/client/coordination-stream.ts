import { type CoordinatePart, type CoordinateReply, NexusError } from '@nexus/contracts';
import { BoundedChannel } from './bounded-channel.js';

/**
 * The parts of a streamed reply as they come; when they are through, the final reply.
 *
 * ```ts
 * const stream = client.stream({ agents: { group: 'workers' }, goal: { type: 'gather' } });
 * for await (const { part } of stream) show(part.responses);
 * const reply = await stream.final;
 * ```
 */
export class CoordinationStream<R extends CoordinateReply = CoordinateReply> implements AsyncIterableIterator<
  CoordinatePart,
  R | undefined
> {
  /**
   * The final reply. Rejects with a `NexusError` when the request failed, and with `deadline_exceeded` when the reader
   * stopped before it came: leaving the loop early is the end of the wait. Whoever does not look at it owes it no
   * handler; a promise derived from it is its maker's own.
   */
  readonly final: Promise<R>;
  private readonly channel: BoundedChannel<CoordinatePart, R | undefined>;
  private readonly stopping = new AbortController();

  /**
   * @param run makes the request; it calls `onPart` for every part, and ends early on the signal
   * @param bufferMax most parts that may wait to be read
   */
  constructor(
    run: (onPart: (part: CoordinatePart) => void, signal: AbortSignal) => Promise<R>,
    private readonly bufferMax: number,
  ) {
    this.channel = new BoundedChannel(bufferMax);
    this.final = run((part) => this.take(part), this.stopping.signal);
    // Also the handler that keeps a rejection from being an unhandled one.
    this.final.then(
      (reply) => this.channel.finish(reply),
      (error: unknown) => this.channel.fail(NexusError.from(error)),
    );
  }

  /** @throws NexusError what ended the request; `overloaded` when parts came faster than they were read */
  next(): Promise<IteratorResult<CoordinatePart, R | undefined>> {
    return this.channel.pull();
  }

  /** Stops listening; parts that still come are dropped. */
  return(): Promise<IteratorResult<CoordinatePart, R | undefined>> {
    this.channel.finish(undefined);
    this.channel.clear();
    this.stopping.abort(new NexusError('deadline_exceeded', 'the stream was stopped by its reader'));
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private take(part: CoordinatePart): void {
    if (this.channel.ended || this.channel.push(part)) return;
    const error = new NexusError('overloaded', `${this.bufferMax} parts wait to be read`);
    this.channel.fail(error);
    this.stopping.abort(error);
  }
}
