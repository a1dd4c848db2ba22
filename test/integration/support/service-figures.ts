import { type NatsConnection } from '@nats-io/transport-node';
import { type ServiceName } from '@nexus/contracts';

interface Statistics {
  readonly id: string;
  readonly data: {
    readonly drops: Readonly<Record<string, number>>;
    readonly work?: Readonly<Record<string, number>>;
  };
  readonly endpoints: readonly {
    readonly name: string;
    readonly num_requests: number;
    readonly num_errors: number;
  }[];
}

/** What the replicas of a service say of themselves on `$SRV.STATS`. */
export class ServiceFigures {
  constructor(
    private readonly nats: NatsConnection,
    private readonly service: `nexus-${ServiceName}`,
    private readonly replicas: number,
  ) {}

  /** One drop counter, summed over the replicas. */
  async dropped(counter: string): Promise<number> {
    const all = await this.read();
    return all.reduce((sum, { data }) => sum + (data.drops[counter] ?? Number.NaN), 0);
  }

  /** One figure of the work under way, of each replica. */
  async working(figure: string): Promise<number[]> {
    const all = await this.read();
    return all.map(({ data }) => data.work?.[figure] ?? Number.NaN);
  }

  /** Requests that each replica has served at an endpoint. */
  async served(endpoint: string): Promise<number[]> {
    const all = await this.read();
    return all.map(({ endpoints }) => endpoints.find(({ name }) => name === endpoint)?.num_requests ?? 0);
  }

  private async read(): Promise<Statistics[]> {
    const replies = await this.nats.requestMany(`$SRV.STATS.${this.service}`, '', {
      strategy: 'count',
      maxMessages: this.replicas,
      maxWait: 10_000,
    });
    const all: Statistics[] = [];
    for await (const reply of replies) all.push(reply.json<Statistics>());
    if (all.length !== this.replicas) throw new Error(`${all.length} of ${this.replicas} replicas answered`);
    return all;
  }
}
