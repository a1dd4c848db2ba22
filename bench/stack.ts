import { Connection } from '@nexus/wire';
import { type AnswerWith } from './fleets/raw-responder.js';
import { groupOf, type GrowTo } from './fleets/fleet-plan.js';
import { NexusCaller } from './nexus-caller.js';
import { NexusServices, until } from './nexus-services.js';
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

/**
 * What is compared, each in a process of its own: coordinator, routing and agents of Nexus; agents and a responder
 * written by hand. This process is the client of both.
 */
export class Stack {
  readonly services: NexusServices;
  readonly agents: Child;
  readonly rawAgents: Child;
  readonly responder: Child;

  private constructor(
    options: StackOptions,
    readonly nexus: NexusCaller,
    readonly raw: RawClient,
  ) {
    const { natsUrl, redisUrl, prefix } = options;
    this.services = new NexusServices(options);
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
    const stack = new Stack(options, nexus, new RawClient(connection.nats));
    try {
      return await Promise.race([
        stack.services.whenServing(connection.nats).then(() => work(stack)),
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
    return [...this.services.children, this.agents, this.rawAgents, this.responder];
  }
}
