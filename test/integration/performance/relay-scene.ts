import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Agent, type Connection, type HandlerMessage } from '@nexus/sdk';
import { startTestStack, type TestStack } from '@nexus/testing';
import { type Body, type Script, ScriptedFleet } from '../support/scripted-fleet.js';

export type Answer = (message: HandlerMessage) => unknown;

/** The parts of a result that the tests of relays look at. */
export interface Outcome {
  readonly responses: { readonly agentId: string; readonly data: unknown }[];
  readonly missing: string[];
  readonly failed: { readonly agentId: string; readonly code: string; readonly message: string }[];
  readonly aggregate?: unknown;
  readonly sampleSize?: number;
}

interface Joining {
  readonly group: string;
  readonly relay?: boolean;
  readonly answer?: Answer;
  readonly encoding?: 'json' | 'msgpack';
  readonly connection?: Connection;
}

interface Closing {
  close(options?: { drainTimeoutMs?: number }): Promise<void>;
}

export const answeredBy = ({ responses }: Outcome): string[] => responses.map(({ agentId }) => agentId);

export const idsOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(2, '0')}`);

/** A request that is to be carried out by relays. */
export const hierarchical = (group: string, goal: Body): Body => ({
  ...{ agents: { group }, strategy: 'hierarchical' },
  goal: { timeoutMs: 5_000, ...goal },
});

/** The services on real servers, and agents that relay, each on a connection of its own. */
export class RelayScene {
  /** How often a handler ran, by agent. */
  readonly runs = new Map<string, number>();
  private readonly started: Closing[] = [];

  private constructor(
    readonly stack: TestStack,
    readonly nats: NatsConnection,
    readonly fleet: ScriptedFleet,
  ) {}

  static async start(): Promise<RelayScene> {
    const stack = await startTestStack({ env: { NEXUS_AGENT_TTL_MS: '120000' } });
    const nats = await connect({ servers: stack.natsUrl });
    return new RelayScene(stack, nats, new ScriptedFleet(nats));
  }

  /** To be closed after the test. */
  keep<T extends Closing>(one: T): T {
    this.started.push(one);
    return one;
  }

  /** An agent in a process of its own, as far as the broker can tell. */
  async agent(
    agentId: string,
    { group, answer = () => agentId, connection, ...options }: Joining,
  ): Promise<Agent> {
    const handle: Answer = (message) => {
      this.runs.set(agentId, (this.runs.get(agentId) ?? 0) + 1);
      return answer(message);
    };
    const source = connection ? { connection } : { servers: this.stack.natsUrl };
    const handlers = { gather: handle, broadcast: handle };
    return this.keep(await Agent.start({ ...source, agentId, groups: [group], handlers, ...options }));
  }

  /** So many relays and so many others, all of one group. */
  async company(group: string, relays: number, others: number, answer?: (agentId: string) => Answer) {
    const join = (agentId: string, relay: boolean) =>
      this.agent(agentId, { group, relay, ...(answer && { answer: answer(agentId) }) });
    const relaying = idsOf(`${group}-r`, relays);
    const plain = idsOf(`${group}-x`, others);
    const agents = await Promise.all([
      ...relaying.map((id) => join(id, true)),
      ...plain.map((id) => join(id, false)),
    ]);
    return { ids: [...relaying, ...plain].toSorted(), relaying: agents.slice(0, relays) };
  }

  /** An agent by the NATS client alone, which says of itself what agents of the SDK do. */
  stranger(agentId: string, group: string, script: Script, claims: Body = {}): Promise<string> {
    return this.fleet.join(agentId, script, { groups: [group], groupSubjects: true, ...claims });
  }

  /** What a hierarchical execution came to. */
  async over(group: string, goal: Body) {
    const { status, result, reply } = await this.fleet.coordinate(hierarchical(group, goal));
    const { relaying } = reply['explain'] as { relaying?: Body };
    return { status, reply, relaying, result: result as unknown as Outcome };
  }

  async endTest(): Promise<void> {
    await Promise.all(this.started.splice(0).map((one) => one.close({ drainTimeoutMs: 100 })));
    this.runs.clear();
  }

  async stop(): Promise<void> {
    await this.nats.close();
    await this.stack.stop();
  }
}
