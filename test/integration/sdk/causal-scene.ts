import { Agent, type AgentEvent, type AgentOptions, Connection, type HandlerMessage } from '@nexus/sdk';
import { startTestServers, type TestServers } from '@nexus/testing';
import { FakeRouting } from './fake-routing.js';
import { PlainCoordinator } from './plain-coordinator.js';

/** An agent that keeps what it was told. */
export interface Listener {
  readonly agent: Agent;
  /** Payloads, in the order in which the handler was called. */
  readonly heard: unknown[];
  readonly messages: HandlerMessage[];
  readonly events: AgentEvent[];
}

type Rest = Omit<
  Partial<AgentOptions>,
  'connection' | 'servers' | 'auth' | 'inboxPrefix' | 'connectTimeoutMs'
>;

/** Real NATS, a routing that takes everybody, and agents and coordinators that end with the test. */
export class CausalScene {
  private readonly agents: Agent[] = [];
  private readonly coordinators: PlainCoordinator[] = [];
  private readonly connections: Connection[] = [];
  private nextId = 0;

  private constructor(
    readonly servers: TestServers,
    readonly routing: FakeRouting,
  ) {}

  static async open(): Promise<CausalScene> {
    const servers = await startTestServers({ nats: true });
    return new CausalScene(servers, await FakeRouting.start(servers.natsUrl, 5_000));
  }

  /** Ids and lives are new for each test: nothing that one sent is known to another. */
  async coordinator(): Promise<PlainCoordinator> {
    const coordinator = await PlainCoordinator.start(this.servers.natsUrl, `coordinator-${this.nextId++}`);
    this.coordinators.push(coordinator);
    return coordinator;
  }

  async connection(): Promise<Connection> {
    const connection = await Connection.open({ servers: this.servers.natsUrl, name: 'agents' });
    this.connections.push(connection);
    return connection;
  }

  /** An agent of `all` and its groups, on a connection of its own unless one is given. */
  async listener(options: Rest = {}, connection?: Connection): Promise<Listener> {
    const heard: unknown[] = [];
    const messages: HandlerMessage[] = [];
    const events: AgentEvent[] = [];
    const listen = (message: HandlerMessage) => {
      heard.push(message.payload);
      messages.push(message);
      return options.handlers?.broadcast?.(message);
    };
    const agent = await Agent.start({
      ...options,
      ...(connection ? { connection } : { servers: this.servers.natsUrl }),
      agentId: options.agentId ?? `agent-${this.nextId++}`,
      handlers: { ...options.handlers, broadcast: listen },
      onEvent: (event) => events.push(event),
    });
    this.agents.push(agent);
    return { agent, heard, messages, events };
  }

  /** Waits until they have heard where senders stand: what is sent from now on they owe an answer for. */
  async settled(...listeners: readonly Listener[]): Promise<void> {
    const coordinator = await this.coordinator();
    for (const { agent, heard, messages } of listeners) {
      await coordinator.ask(agent.agentId, coordinator.target({ payload: agent.agentId }));
      heard.length = 0;
      messages.length = 0;
    }
  }

  /** A name for a group that no other test uses. */
  group(): string {
    return `group-${this.nextId++}`;
  }

  /** Between two tests. */
  async clear(): Promise<void> {
    await Promise.all(this.agents.splice(0).map((agent) => agent.close({ drainTimeoutMs: 100 })));
    await Promise.all(this.coordinators.splice(0).map((coordinator) => coordinator.stop()));
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
  }

  async close(): Promise<void> {
    await this.routing.nats.close();
    await this.servers.stop();
  }
}
