import { connect, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { type Body } from '../support/scripted-fleet.js';

type After = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Stamped extends Body {
  readonly causal: {
    readonly sender: string;
    readonly broadcast?: { readonly channel: string; readonly sequence: number };
    readonly after: After;
  };
}

export interface Telling {
  readonly payload: unknown;
  /** Beyond the sender's own earlier broadcasts on the channel. */
  readonly after?: After;
  readonly more?: Body;
}

/** A coordinator by the NATS client alone, so that a test decides what is sent, to whom, and when. */
export class PlainCoordinator {
  /** Sent so far on each channel. */
  readonly sent = new Map<string, Stamped[]>();
  /** Questions for missed broadcasts. */
  readonly repairs: Body[] = [];
  /** Whether questions for missed broadcasts are answered. */
  helpful = true;
  /** Whether questions where it stands are answered. */
  talkative = false;
  private coordinations = 0;
  private readonly subscriptions: Subscription[];

  private constructor(
    readonly nats: NatsConnection,
    readonly sender: string,
  ) {
    const [id = ''] = sender.split('.');
    this.subscriptions = [
      nats.subscribe(`nexus.causal.repair.${id}`, { callback: (_error, message) => this.repair(message) }),
      nats.subscribe('nexus.causal.sync', { callback: (_error, message) => this.tellStanding(message) }),
    ];
  }

  static async start(servers: string, id: string, life = 'life0001'): Promise<PlainCoordinator> {
    const coordinator = new PlainCoordinator(await connect({ servers }), `${id}.${life}`);
    await coordinator.nats.flush();
    return coordinator;
  }

  /** The next broadcast on a channel; it reaches nobody yet. */
  stamp(channel: string, { payload, after = {}, more = {} }: Telling): Stamped {
    const before = this.sent.get(channel) ?? [];
    const own = before.length === 0 ? {} : { [this.sender]: before.length };
    const message = {
      ...this.envelope(payload),
      causal: {
        sender: this.sender,
        broadcast: { channel, sequence: before.length + 1 },
        after: { ...after, [channel]: { ...after[channel], ...own } },
      },
      ...more,
    };
    this.sent.set(channel, [...before, message]);
    return message;
  }

  /** A message to single agents. */
  target({ payload, after = {}, more = {} }: Telling): Stamped {
    return { ...this.envelope(payload), causal: { sender: this.sender, after }, ...more };
  }

  send(agentId: string, message: Body): void {
    this.nats.publish(`nexus.agent.${agentId}`, JSON.stringify(message));
  }

  async ask(agentId: string, message: Body, timeoutMs = 5_000): Promise<Body> {
    const subject = `nexus.agent.${agentId}`;
    const answer = await this.nats.request(subject, JSON.stringify(message), { timeout: timeoutMs });
    return answer.json<Body>();
  }

  /** What a message comes after that comes after this one. */
  static after(...messages: readonly Stamped[]): After {
    const after: Record<string, Record<string, number>> = {};
    for (const { causal } of messages) {
      if (!causal.broadcast) continue;
      const { channel, sequence } = causal.broadcast;
      after[channel] = { ...after[channel], [causal.sender]: sequence };
    }
    return after;
  }

  /** Says, unasked, how far it has come on a channel. */
  tellFrontier(channel: string): void {
    const [id = ''] = this.sender.split('.');
    const channels = { [channel]: this.sent.get(channel)?.length ?? 0 };
    this.nats.publish(`nexus.causal.frontier.${id}`, JSON.stringify({ sender: this.sender, channels }));
  }

  async stop(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.nats.close();
  }

  private envelope(payload: unknown): Body {
    const coordinationId = `${this.sender} ${(this.coordinations += 1)}`;
    return { coordinationId, kind: 'broadcast', payload, budgetMs: 5_000, attempt: 1, from: this.sender };
  }

  private repair(message: Msg): void {
    const asked = message.json<{ channel: string; from: number; to: number }>();
    this.repairs.push(asked);
    if (!this.helpful) return;
    const messages = (this.sent.get(asked.channel) ?? []).slice(asked.from - 1, asked.to);
    message.respond(JSON.stringify({ messages, keptFrom: 1 }));
  }

  private tellStanding(message: Msg): void {
    const { channels } = message.json<{ channels: string[] }>();
    const known = channels.flatMap((channel) => {
      const count = this.sent.get(channel)?.length ?? 0;
      return count === 0 ? [] : [[channel, { [this.sender]: count }] as const];
    });
    if (!this.talkative || known.length === 0) return;
    message.respond(JSON.stringify({ sender: this.sender, frontiers: Object.fromEntries(known) }));
  }
}
