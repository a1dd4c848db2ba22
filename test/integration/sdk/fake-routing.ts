import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type Body, headersOf } from '../support/scripted-fleet.js';

/** A peer on the wire that plays routing with the bare NATS client, and keeps what it was told. */
export class FakeRouting {
  readonly registrations: { agentId: string; body: Body }[] = [];
  readonly heartbeats: { agentId: string; body: Body }[] = [];
  readonly farewells: string[] = [];
  /** Live tokens by agent; clearing it forgets everybody. */
  readonly tokens = new Map<string, string>();
  /** Called before a registration is accepted; a code refuses it. */
  refuse: (agentId: string) => string | undefined = () => undefined;
  /** When whoever is refused may come again, in milliseconds. */
  retryAfterMs: number | undefined;
  /** Registrations that are taken in without a word. */
  unanswered = 0;

  private sent = 0;

  private constructor(
    readonly nats: NatsConnection,
    private readonly heartbeatMs: number,
  ) {}

  static async start(servers: string, heartbeatMs = 100): Promise<FakeRouting> {
    const nats = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    const routing = new FakeRouting(nats, heartbeatMs);
    for (const verb of ['register', 'heartbeat', 'deregister'] as const) {
      nats.subscribe(`nexus.agents.${verb}.*`, {
        callback: (_error, message) => routing[verb](message, message.subject.split('.')[3] ?? ''),
      });
    }
    await nats.flush();
    return routing;
  }

  /** Sends a message to a subject as the coordinator does, and returns the first answer. */
  async send(subject: string, message: Body, timeoutMs = 3_000): Promise<Body> {
    const whole = {
      // A name of its own: an agent does the same work once.
      coordinationId: `c-${(this.sent += 1)}`,
      attempt: 1,
      from: 'coordinator-1',
      budgetMs: timeoutMs,
      ...message,
    };
    const answer = await this.nats.request(subject, JSON.stringify(whole), { timeout: timeoutMs });
    return answer.json<Body>();
  }

  private register(message: Msg, agentId: string): void {
    const body = message.json<Body>();
    this.registrations.push({ agentId, body });
    const live = this.tokens.get(agentId);
    const taken = live !== undefined && live !== body['token'];
    const fault = this.refuse(agentId) ?? (taken ? 'conflict' : undefined);
    if (fault !== undefined) {
      fail(message, fault, this.retryAfterMs);
      return;
    }
    const token = live ?? (body['token'] as string);
    this.tokens.set(agentId, token);
    if (this.unanswered > 0) {
      this.unanswered -= 1;
      return;
    }
    const inbox = `nexus.agent.${agentId}`;
    respond(message, { token, ttlMs: this.heartbeatMs * 3, heartbeatMs: this.heartbeatMs, inbox });
  }

  private heartbeat(message: Msg, agentId: string): void {
    const body = message.json<Body>();
    this.heartbeats.push({ agentId, body });
    const live = this.tokens.get(agentId);
    if (live === body['token']) respond(message, {});
    else fail(message, live === undefined ? 'not_found' : 'unauthorized');
  }

  private deregister(message: Msg, agentId: string): void {
    if (this.tokens.get(agentId) !== message.json<Body>()['token']) {
      fail(message, 'unauthorized');
      return;
    }
    this.farewells.push(agentId);
    this.tokens.delete(agentId);
    respond(message, {});
  }
}

const respond = (message: Msg, body: Body): void => {
  message.respond(JSON.stringify(body));
};

function fail(message: Msg, code: string, retryAfterMs?: number): void {
  const fault = headersOf({ 'Nats-Service-Error-Code': '500', 'Nats-Service-Error': code });
  const error = { code, message: code, details: [], retryable: false, retryAfterMs };
  message.respond(JSON.stringify({ error }), { headers: fault });
}
