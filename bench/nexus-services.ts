import { setTimeout as pause } from 'node:timers/promises';
import { type NatsConnection } from '@nats-io/transport-node';
import { Child } from './processes/child.js';

export interface ServicesOptions {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** First token of every subject, so that a second set on the servers starts from nothing. */
  readonly prefix: string;
  /** More of their configuration. */
  readonly variables?: Readonly<Record<string, string>>;
  /** They can be asked what they hold. Default false. */
  readonly weighed?: boolean;
}

const readyWithinMs = 30_000;
const pollMs = 25;

/** What Nexus needs to serve: a coordinator and routing, in a process each. */
export class NexusServices {
  readonly routing: Child;
  readonly coordinator: Child;

  constructor({ natsUrl, redisUrl, prefix, variables = {}, weighed = false }: ServicesOptions) {
    const environment = {
      NEXUS_NATS_URL: natsUrl,
      NEXUS_REDIS_URL: redisUrl,
      NEXUS_PREFIX: prefix,
      NEXUS_LOG_LEVEL: 'error',
      ...variables,
    };
    const service = (name: string) =>
      new Child({ name, entry: `apps/${name}/src/main.js`, variables: environment, weighed });
    this.routing = service('routing');
    this.coordinator = service('coordinator');
  }

  get children(): readonly Child[] {
    return [this.routing, this.coordinator];
  }

  /** Resolves once both answer. */
  async whenServing(nats: NatsConnection): Promise<void> {
    for (const service of ['nexus-routing', 'nexus-coordinator']) {
      await until(async () => {
        await nats.request(`$SRV.PING.${service}`, '', { timeout: 1_000 });
        return true;
      });
    }
  }
}

/** @throws what the last attempt failed with, after half a minute */
export async function until(attempt: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      if (await attempt()) return;
      if (performance.now() > deadline) throw new Error('the services did not become ready');
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(pollMs);
  }
}
