import { Logger } from '@nestjs/common';
import {
  endpoints,
  NexusError,
  type NodeId,
  type Outcome,
  type OutcomeReport,
  type WorkSample,
} from '@nexus/contracts';
import { type Caller } from '@nexus/wire';

export interface OutcomeReportsOptions {
  readonly caller: Caller;
  /** This coordinator, an id. */
  readonly self: NodeId;
  /** This process: its reports are numbered anew. */
  readonly life: string;
  /** What happened since it was asked last. */
  readonly take: () => { readonly outcomes: readonly Outcome[]; readonly work: readonly WorkSample[] };
}

/** How often is reported, in milliseconds. */
const everyMs = 2_000;
/** Reports that wait to be acknowledged; of more the oldest is given up. They are those of half a minute. */
const waitingMax = 16;
const callTimeoutMs = 5_000;
/** How long the last report may take when the process ends, in milliseconds. */
const farewellMs = 1_000;

/**
 * Tells the intelligence service what happened, until it says that it has it: a report is sent again under its number, which
 * the service learns from once. While nobody listens reports wait, and the oldest are given up for the newest.
 */
export class OutcomeReports {
  private readonly logger = new Logger('OutcomeReports');
  private readonly waiting: OutcomeReport[] = [];
  private readonly timer: NodeJS.Timeout;
  private sequence = 0;
  private sending: Promise<void> | undefined;
  private givenUp = 0;
  private acknowledged = 0;

  /** Begins at once. */
  constructor(private readonly options: OutcomeReportsOptions) {
    this.timer = setInterval(() => this.report(), everyMs).unref();
  }

  figures(): Readonly<Record<'reportsWaiting' | 'reportsAcknowledged' | 'reportsGivenUp', number>> {
    return {
      reportsWaiting: this.waiting.length,
      reportsAcknowledged: this.acknowledged,
      reportsGivenUp: this.givenUp,
    };
  }

  /** Tells what there is yet, if it is heard soon, and reports no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.report();
    if (!this.sending) return;
    let giveUp: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, farewellMs)));
    await Promise.race([this.sending, late]);
    clearTimeout(giveUp);
  }

  private report(): void {
    const { outcomes, work } = this.options.take();
    if (outcomes.length > 0 || work.length > 0) this.keep([...outcomes], [...work]);
    if (this.waiting.length > 0) this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
  }

  private keep(outcomes: Outcome[], work: WorkSample[]): void {
    const { self, life } = this.options;
    this.waiting.push({ coordinatorId: self, life, sequence: this.sequence++, outcomes, work });
    if (this.waiting.length <= waitingMax) return;
    this.waiting.shift();
    this.givenUp += 1;
  }

  private async sendAll(): Promise<void> {
    for (let report = this.waiting[0]; report; report = this.waiting[0]) {
      if (!(await this.send(report))) return;
      // The oldest may have been given up while it was under way.
      if (this.waiting[0] === report) this.waiting.shift();
    }
  }

  /** Whether it is done with: acknowledged, or of no use to anybody. */
  private async send(report: OutcomeReport): Promise<boolean> {
    try {
      await this.options.caller.call(endpoints.intelligenceOutcomes, {}, report, {
        timeoutMs: callTimeoutMs,
      });
      this.acknowledged += 1;
      return true;
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      if (code !== 'invalid_argument' && code !== 'payload_too_large') return false;
      this.givenUp += 1;
      this.logger.error(`a report of outcomes was refused, and is given up: ${message}`);
      return true;
    }
  }
}
