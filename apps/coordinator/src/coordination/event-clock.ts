import { type Clock } from '@nexus/contracts';

/**
 * This process's own entry of a vector clock. The name holds the incarnation of the process, so that the counter of a
 * restarted coordinator is another counter and two events never carry equal clocks.
 */
export class EventClock {
  private counter = 0;

  constructor(private readonly incarnation: string) {}

  tick(): Clock {
    this.counter += 1;
    return { [this.incarnation]: this.counter };
  }
}
