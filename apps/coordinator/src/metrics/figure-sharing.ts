import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { type CoordinationMetrics } from './coordination-metrics.js';
import { metricKeys } from './metric-key.js';
import { type Batch, type FigureSums } from './figure-sums.js';
import { growthOf, type Tally, tallyOf } from './tally.js';

export interface FigureSharingOptions {
  readonly metrics: CoordinationMetrics;
  readonly shared: Pick<FigureSums, 'add'>;
  /** Ejections that there ever were, here. */
  readonly ejections: () => number;
}

const intervalMs = 1_000;
const noTally: Tally = new Map();

/**
 * Adds what this coordinator counted to what all counted, once a second and when it ends. While Redis is away counting
 * goes on, and is told of in one later; it takes no more room meanwhile. A batch whose outcome nobody knows is sent again
 * as it was, under its number, so that it counts once.
 */
export class FigureSharing implements OnApplicationShutdown {
  private readonly logger = new Logger('FigureSharing');
  private readonly timer = setInterval(() => void this.share(), intervalMs).unref();
  /** What was taken into a batch so far, in the order of `metricKeys`. */
  private told: readonly Tally[] = metricKeys.map(() => noTally);
  private ejectionsTold = 0;
  private batches = 0;
  /** Taken, and not known to have been added. */
  private owed: Batch | undefined;
  private sharing: Promise<void> | undefined;

  constructor(private readonly options: FigureSharingOptions) {}

  /** Tells what there is to tell, as far as Redis answers. Never throws. */
  share(): Promise<void> {
    this.sharing ??= this.tellAll().finally(() => {
      this.sharing = undefined;
    });
    return this.sharing;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    // One that is under way began before the last requests ended.
    await this.sharing;
    await this.share();
  }

  private async tellAll(): Promise<void> {
    if (this.owed) await this.tell(this.owed);
    if (this.owed) return;
    this.owed = this.take();
    if (this.owed) await this.tell(this.owed);
  }

  private async tell(batch: Batch): Promise<void> {
    try {
      await this.options.shared.add(batch);
      this.owed = undefined;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code === 'unavailable') return;
      // To send again what Redis refuses would hold up all that comes after.
      this.owed = undefined;
      this.logger.error(`figures of ${intervalMs} ms or more are lost: ${error.message}`);
    }
  }

  /** What is new since the last batch; undefined when nothing is. */
  private take(): Batch | undefined {
    const { metrics } = this.options;
    const now = metrics.accounts.map(tallyOf);
    const growth = metricKeys.flatMap((key, at) => {
      const fields = growthOf(this.told[at]!, now[at]!);
      return fields.length > 0 ? [{ key, fields }] : [];
    });
    const assigned = metricKeys.flatMap(({ algorithm }, at) => {
      const assignees = algorithm && metrics.accounts[at]!.takeAssignees();
      return assignees ? [{ algorithm, agents: assignees.top(assignees.size) }] : [];
    });
    const ejections = this.options.ejections();
    const more = ejections - this.ejectionsTold;
    if (growth.length === 0 && assigned.length === 0 && more === 0) return undefined;
    this.told = now;
    this.ejectionsTold = ejections;
    this.batches++;
    return { number: this.batches, growth, assigned, ejections: more };
  }
}
