import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { NexusError, type TrainReply } from '@nexus/contracts';
import { type JobPlan, type JobQueue } from '@nexus/platform/jobs';

/** The jobs of the service. */
export const jobs = { train: 'train', watch: 'watch' } as const;

export interface Intervals {
  readonly trainMs: number;
  readonly watchMs: number;
}

/** A plan that is so late is one that was lost. */
const lateFactor = 2;
const checkMsMax = 30_000;

/**
 * Sees to it that the jobs are planned: again and again, for a wiped Redis has lost the plan, and schedulers are known to
 * have stalled. To plan what is planned changes nothing.
 */
export class TrainingSchedule implements OnApplicationShutdown {
  private readonly logger = new Logger('TrainingSchedule');
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly queue: JobQueue,
    private readonly intervals: Intervals,
  ) {
    this.checkIn(0);
  }

  /** @throws NexusError `unavailable` while Redis does not answer */
  now(): Promise<TrainReply> {
    return this.queue.addOnce(jobs.train);
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private checkIn(withinMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.check(), withinMs);
  }

  private async check(): Promise<void> {
    const { trainMs, watchMs } = this.intervals;
    try {
      await this.plan(jobs.train, trainMs);
      await this.plan(jobs.watch, watchMs);
      this.checkIn(Math.min(checkMsMax, watchMs));
    } catch (error) {
      if (NexusError.from(error).code !== 'unavailable') this.logger.error(error);
      this.checkIn(1_000);
    }
  }

  private async plan(name: string, everyMs: number): Promise<void> {
    const plan = await this.queue.planOf(name);
    if (!isAsPlanned(plan, everyMs)) await this.queue.repeat(name, everyMs);
  }
}

/** Planned by another interval, as before it was configured anew, it is planned again. */
function isAsPlanned(plan: JobPlan | undefined, everyMs: number): boolean {
  if (plan?.nextMs === undefined || plan.everyMs !== everyMs) return false;
  return plan.nextMs >= Date.now() - lateFactor * everyMs && plan.nextMs <= Date.now() + everyMs;
}
