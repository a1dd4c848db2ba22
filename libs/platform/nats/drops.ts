/** What a service dropped without an answer; published in `$SRV.STATS` so that nothing vanishes unseen. */
export class Drops {
  /** Requests whose reply subject lay outside the inbox prefix. */
  foreignReply = 0;
  /** Bad messages that nobody waited for. */
  unanswerable = 0;
  /** Replies that could not be sent before the connection was given up. */
  undeliveredReply = 0;
  /** Events that found no connection. */
  undeliveredEvent = 0;
  /** Messages of other services that could not be read. */
  malformedInternal = 0;
  /** Messages of other services, or other fleets, that were meant for somebody else. */
  foreignInternal = 0;
  /** Messages to other services that could not be sent. */
  undeliveredInternal = 0;
  /** What agents and callers said to have seen and cannot have: entries of clocks and of frontiers. */
  refusedCausal = 0;
  /** What parts of the service refused beside that, by their names: some of it is ordinary, so it counts as no drop. */
  private readonly parts = new Map<string, () => Readonly<Record<string, number>>>();

  /** Lets a part show what it refused. */
  show(part: string, refusals: () => Readonly<Record<string, number>>): void {
    this.parts.set(part, refusals);
  }

  /** The refusals of each part. */
  refusals(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.parts].map(([part, read]) => [part, read()]));
  }

  /** The counts by their names. */
  figures(): Readonly<Record<string, number>> {
    return {
      foreignReply: this.foreignReply,
      unanswerable: this.unanswerable,
      undeliveredReply: this.undeliveredReply,
      undeliveredEvent: this.undeliveredEvent,
      malformedInternal: this.malformedInternal,
      foreignInternal: this.foreignInternal,
      undeliveredInternal: this.undeliveredInternal,
      refusedCausal: this.refusedCausal,
    };
  }
}
