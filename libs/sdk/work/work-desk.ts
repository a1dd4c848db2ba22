import { NexusError } from '@nexus/contracts';
import { type AgentSelector } from '../client/client-options.js';
import { within } from '../agent/within.js';
import { type DirectWork } from './direct-work.js';
import { GatheredWork } from './gathered-work.js';
import { type GatheredRequestLine } from './gathered-request.js';
import { type WorkDone, type WorkOptions } from './work-options.js';
import { WorkOrder } from './work-order.js';

/** Units under way at once; more are turned away, as they would wait for these. */
const underWayMax = 65_536;
const retryAfterMs = 100;

/** Takes units of work one by one: straight to an agent where that may be, through a coordinator where not. */
export class WorkDesk {
  private readonly gathered: GatheredWork;
  private readonly orders = new Set<WorkOrder>();
  private readonly onIdle = new Set<() => void>();
  private direct: DirectWork | undefined;
  private closed = false;

  constructor(line: GatheredRequestLine) {
    this.gathered = new GatheredWork(line);
  }

  /** From now on work goes straight to agents where that may be. */
  goDirect(open: (instead: (order: WorkOrder) => void) => DirectWork): void {
    this.direct = open((order) => this.begin(order, undefined));
  }

  /** Gets one unit of work done. */
  dispatch(selector: AgentSelector, payload: unknown, options: WorkOptions): Promise<WorkDone> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw closed();
      const { timeoutMs = 0 } = options;
      // JSON has no word for it, and whoever reads the request could not say what is wrong with it.
      if (!Number.isFinite(timeoutMs)) {
        throw new NexusError('invalid_argument', `timeoutMs: must be milliseconds, and is ${timeoutMs}`);
      }
      if (this.orders.size >= underWayMax) {
        throw new NexusError('overloaded', `${underWayMax} units of work are under way`, { retryAfterMs });
      }
      const order = new WorkOrder(
        { selector, payload, options, resolve, reject },
        performance.now(),
        this.onSettled,
      );
      this.orders.add(order);
      if (options.signal?.aborted) order.abandonFor(options.signal);
      else this.begin(order, this.direct);
    });
  }

  /** @throws NexusError `unavailable` with the reason when work does not go straight to agents within the time */
  async whenDirect(withinMs: number): Promise<void> {
    if (!this.direct) throw new NexusError('unavailable', 'the client was not told to go straight to agents');
    await this.direct.whenReady(withinMs);
  }

  /** Takes nothing more, waits for what is under way, and gives up what is left of it then. */
  async close(withinMs: number): Promise<void> {
    this.closed = true;
    if (this.orders.size > 0) await within(this.idle(), withinMs);
    for (const order of [...this.orders]) order.abandon(closed());
    this.direct?.stop();
  }

  private idle(): Promise<void> {
    return new Promise((resolve) => this.onIdle.add(resolve));
  }

  private readonly onSettled = (order: WorkOrder) => {
    this.orders.delete(order);
    if (this.orders.size === 0) for (const resolve of this.onIdle) resolve();
  };

  /** What goes wrong at the start is the unit's own end. */
  private begin(order: WorkOrder, direct: DirectWork | undefined): void {
    try {
      if (!direct?.take(order)) this.gathered.take(order);
    } catch (thrown) {
      order.abandon(NexusError.from(thrown));
    }
  }
}

const closed = () => new NexusError('unavailable', 'the client is closed');
