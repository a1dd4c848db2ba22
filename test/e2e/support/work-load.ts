import { NexusError } from '@nexus/contracts';
import { NexusClient } from '@nexus/sdk';

export interface WorkOutcome {
  readonly units: readonly string[];
  /** One entry a unit: `ok`, or the code of its error; or the code with which the whole request failed. */
  readonly codes: readonly string[];
  readonly durationMs: number;
}

export interface WorkLoadOptions {
  readonly natsUrl: string;
  readonly timeoutMs: number;
  /** Requests under way at once. */
  readonly parallel: number;
}

const unitsARequest = 5;

/** Requests of a few units each, one after the other on several lanes, until it is told to stop. */
export class WorkLoad {
  readonly outcomes: WorkOutcome[] = [];
  private running = true;
  private readonly lanes: Promise<void>[];
  private nextUnit = 0;

  private constructor(
    private readonly client: NexusClient,
    private readonly options: WorkLoadOptions,
  ) {
    this.lanes = Array.from({ length: options.parallel }, () => this.lane());
  }

  static async start(options: WorkLoadOptions): Promise<WorkLoad> {
    return new WorkLoad(await NexusClient.connect({ servers: options.natsUrl, userId: 'load' }), options);
  }

  /** Requests that ended with every unit done. */
  get completed(): number {
    return this.outcomes.filter(({ codes }) => codes.every((code) => code === 'ok')).length;
  }

  /** Ends the load once what is under way has ended. */
  async stop(): Promise<readonly WorkOutcome[]> {
    this.running = false;
    await Promise.all(this.lanes);
    await this.client.close();
    return this.outcomes;
  }

  private async lane(): Promise<void> {
    while (this.running) {
      const outcome = await this.request();
      this.outcomes.push(outcome);
      // While nothing is served every request fails at once; a lane must not spin then.
      if (!outcome.codes.includes('ok')) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async request(): Promise<WorkOutcome> {
    const units = Array.from({ length: unitsARequest }, () => `unit-${this.nextUnit++}`);
    const startedAt = performance.now();
    const outcome = (codes: string[]): WorkOutcome => ({
      units,
      codes,
      durationMs: performance.now() - startedAt,
    });
    try {
      const { result } = await this.client.loadBalance(
        { group: 'recorders' },
        {
          requests: units.map((unit) => ({ id: unit, payload: { unit } })),
          timeoutMs: this.options.timeoutMs,
        },
      );
      return outcome((result.results ?? []).map(({ ok, error }) => (ok ? 'ok' : (error?.code ?? 'none'))));
    } catch (error) {
      return outcome([error instanceof NexusError ? error.code : `untyped: ${String(error)}`]);
    }
  }
}
