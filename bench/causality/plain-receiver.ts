import { type Arrival, channel } from './schedule.js';

/**
 * Causal delivery as the textbook has it: everything that cannot be delivered yet waits in one list, which is searched
 * from the start whenever something was delivered. It has no bound, repairs nothing, and believes everybody.
 */
export class PlainReceiver {
  private readonly seen = new Map<string, number>();
  private waiting: Arrival[] = [];

  /** What can be delivered now, in its order. */
  receive(arrival: Arrival): number[] {
    this.waiting.push(arrival);
    const delivered: number[] = [];
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const { sender, broadcast } = next.stamp;
      this.seen.set(sender, broadcast!.sequence);
      this.waiting = this.waiting.filter((each) => each !== next);
      delivered.push(next.place);
    }
    return delivered;
  }

  private next(): Arrival | undefined {
    return this.waiting.find(({ stamp: { sender, broadcast, after } }) => {
      const isNext = broadcast!.sequence === (this.seen.get(sender) ?? 0) + 1;
      return (
        isNext &&
        [...(after.get(channel) ?? [])].every(([name, count]) => (this.seen.get(name) ?? 0) >= count)
      );
    });
  }
}
