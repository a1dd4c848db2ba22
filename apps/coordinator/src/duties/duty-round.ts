import { Logger } from '@nestjs/common';
import { type Fence, NexusError } from '@nexus/contracts';
import { type Office } from './office.js';

/** Something that one coordinator does for all, now and then. */
export interface Duty {
  readonly name: string;
  /**
   * Does it once. Its effect must be refused when the fence does not hold any more.
   * @param signal aborts when the process ends, which waits for the turn
   * @throws NexusError `conflict` when it was
   */
  perform(fence: Fence, signal: AbortSignal): Promise<void>;
}

export interface DutyRoundOptions {
  readonly office: Pick<Office, 'fence' | 'lose'>;
  readonly duty: Duty;
  readonly intervalMs: number;
}

/** Performs a duty at an interval while in office, one turn at a time. A turn that fails is made up for by the next. */
export class DutyRound {
  private readonly logger = new Logger('DutyRound');
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | undefined;
  private readonly ending = new AbortController();

  constructor(private readonly options: DutyRoundOptions) {}

  start(): void {
    this.timer = setInterval(() => {
      this.turn ??= this.perform().finally(() => (this.turn = undefined));
    }, this.options.intervalMs).unref();
  }

  /** Cuts the turn under way short. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.ending.abort();
    await this.turn;
  }

  private async perform(): Promise<void> {
    const { office, duty } = this.options;
    const { fence } = office;
    if (fence === undefined) return;
    try {
      await duty.perform(fence, this.ending.signal);
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      if (code === 'conflict') office.lose(fence);
      this.logger.debug(`${duty.name} was not done: ${message}`);
    }
  }
}
