import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@nexus/wire';
import { type AnswerWith } from './fleets/raw-responder.js';
import { groupOf, type GrowTo } from './fleets/fleet-plan.js';
import { NexusCaller } from './nexus-caller.js';
import { Child } from './processes/child.js';
import { RawClient } from './raw-client.js';

export interface StackOptions {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** First token of every subject, so that a second stack on the servers starts from nothing. */
  readonly prefix: string;
  /** Rejects when the work is to be given up. */
  readonly givenUp: Promise<never>;
}

const readyWithinMs = 30_000;
const growWithinMs = 60_000;
const pollMs = 25;

/**
 * What is compared, each in a process of its own: coordinator, routing and agents of Nexus; agents and a responder
 * written by hand. This process is the client of both.
 */
export class Stack {
  readonly routing: Child;
  readonly coordinator: Child;
  readonly agents: Child;
  readonly rawAgents: Child;
  readonly responder: Child;

  private constructor(
    options: StackOptions,
    private readonly connection: Connection,
    readonly nexus: NexusCaller,
    readonly raw: RawClient,
  ) {
    const { natsUrl, redisUrl, prefix } = options;
    const variables = {
      NEXUS_NATS_URL: natsUrl,
      NEXUS_REDIS_URL: redisUrl,
      NEXUS_PREFIX: prefix,
      NEXUS_LOG_LEVEL: 'error',
    };
    this.routing = new Child({ name: 'routing', entry: 'apps/routing/src/main.js', variables });
    this.coordinator = new Child({ name: 'coordinator', entry: 'apps/coordinator/src/main.js', variables });
    this.agents = new Child({
      name: 'agents',
      entry: 'bench/fleets/nexus-agents.js',
      args: [natsUrl, prefix],
    });
    this.rawAgents = new Child({ name: 'raw agents', entry: 'bench/fleets/raw-agents.js', args: [natsUrl] });
    this.responder = new Child({
      name: 'raw responder',
      entry: 'bench/fleets/raw-responder.js',
      args: [natsUrl, redisUrl],
    });
  }

  /** Starts it all, runs the work, and ends it all, whatever happens; a child that dies fails the work. */
  static async during<T>(options: StackOptions, work: (stack: Stack) => Promise<T>): Promise<T> {
    const connection = await Connection.open({ servers: options.natsUrl, name: 'bench client' });
    const nexus = new NexusCaller(connection, options.prefix);
    const stack = new Stack(options, connection, nexus, new RawClient(connection));
    try {
      return await Promise.race([
        stack.whenServing().then(() => work(stack)),
        ...stack.children.map((child) => child.failed()),
        options.givenUp,
      ]);
    } finally {
      await Promise.all(stack.children.map((child) => child.stop()));
      await connection.close();
    }
  }

  /** Both fleets have so many agents when this returns, and the coordinator knows of all. */
  async grow(agents: number): Promise<void> {
    const order: GrowTo = { agents };
    await Promise.all([this.agents.ask(order, growWithinMs), this.rawAgents.ask(order, growWithinMs)]);
    const whole = { agents: { group: groupOf(agents) }, goal: { type: 'gather' } } as const;
    await until(async () => {
      const { result } = await this.nexus.coordinate(whole);
      return (result as { responses: unknown[] }).responses.length === agents;
    });
  }

  /** Lets the responder answer under a name. */
  async respond(order: AnswerWith): Promise<void> {
    await this.responder.ask(order, readyWithinMs);
  }

  private get children(): Child[] {
    return [this.routing, this.coordinator, this.agents, this.rawAgents, this.responder];
  }

  private async whenServing(): Promise<void> {
    for (const service of ['nexus-routing', 'nexus-coordinator']) {
      await until(async () => {
        await this.connection.nats.request(`$SRV.PING.${service}`, '', { timeout: 1_000 });
        return true;
      });
    }
  }
}

/** @throws what the last attempt failed with, after `readyWithinMs` */
async function until(attempt: () => Promise<boolean>): Promise<void> {
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
