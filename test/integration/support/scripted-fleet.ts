import {
  createInbox,
  headers,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';

export type Body = Record<string, unknown>;

/** A message as a scripted agent sees it. */
export interface Delivery {
  readonly agentId: string;
  readonly body: Body;
  readonly message: Msg;
  /** Answers as the contract says. */
  answer(data: unknown): void;
  /** Answers that it failed. */
  refuse(code: string, message?: string): void;
  /** Sends bytes of any kind where the answer is awaited. */
  raw(bytes: string | Uint8Array, marks?: Readonly<Record<string, string>>): void;
}

export type Script = (delivery: Delivery) => void;

export interface Membership {
  readonly groups?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly maxConcurrency?: number;
  readonly node?: string;
  readonly groupSubjects?: boolean;
  readonly relay?: boolean;
}

/** An error reply, as far as the tests look at it. */
export interface Fault {
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
}

/** Agents and requests by the NATS client alone, so that a test decides every byte that leaves them. */
export class ScriptedFleet {
  /** All that agents were sent, in the order of arrival. */
  readonly deliveries: Delivery[] = [];
  private readonly listening = new Map<string, Subscription>();

  constructor(readonly nats: NatsConnection) {}

  /** Registers an agent that follows the script; returns its token. */
  async join(agentId: string, script: Script, membership: Membership = {}): Promise<string> {
    const subscription = this.nats.subscribe(`nexus.agent.${agentId}`, {
      callback: (_error, message) => {
        const delivery = deliveryOf(agentId, message);
        this.deliveries.push(delivery);
        script(delivery);
      },
    });
    this.listening.set(agentId, subscription);
    await this.nats.flush();
    const reply = await this.request(`nexus.agents.register.${agentId}`, { ...membership });
    return String(reply['token']);
  }

  /** The agent listens no more; it is as registered as before. */
  leave(agentId: string): void {
    this.listening.get(agentId)?.unsubscribe();
  }

  /** Messages that this agent was sent. */
  to(agentId: string): readonly Delivery[] {
    return this.deliveries.filter((delivery) => delivery.agentId === agentId);
  }

  /** The body of a reply that is no error. */
  async request(subject: string, body: unknown, marks: Readonly<Record<string, string>> = {}): Promise<Body> {
    const reply = await this.send(subject, JSON.stringify(body), marks);
    const fault = faultOf(reply);
    if (fault) throw new Error(`${subject}: ${fault.code}: ${fault.message}`);
    return reply.json<Body>();
  }

  /** Asks for a coordination; its result beside the whole reply. */
  async coordinate(request: Body, marks: Readonly<Record<string, string>> = {}) {
    const reply = await this.request('nexus.coordinate', request, marks);
    return { reply, status: reply['status'], result: reply['result'] as Body };
  }

  /** All that comes back to one request for a coordination, in order: its parts, and its end. */
  conversation(request: Body): Promise<Msg[]> {
    return new Promise((resolve) => {
      const inbox = createInbox();
      const messages: Msg[] = [];
      const subscription = this.nats.subscribe(inbox, {
        callback: (_error, message) => {
          messages.push(message);
          if (message.headers?.get('Nexus-Part') === 'partial') return;
          subscription.unsubscribe();
          resolve(messages);
        },
      });
      this.nats.publish('nexus.coordinate', JSON.stringify(request), { reply: inbox });
    });
  }

  /** The error that must come. */
  async fault(
    subject: string,
    body: string | Uint8Array,
    marks: Readonly<Record<string, string>> = {},
  ): Promise<Fault> {
    const reply = await this.send(subject, body, marks);
    const fault = faultOf(reply);
    if (!fault) throw new Error(`${subject}: accepted, where an error was due: ${reply.string()}`);
    return fault;
  }

  /** The error of a coordination that must be refused. */
  refused(request: Body): Promise<Fault> {
    return this.fault('nexus.coordinate', JSON.stringify(request));
  }

  send(
    subject: string,
    body: string | Uint8Array,
    marks: Readonly<Record<string, string>> = {},
  ): Promise<Msg> {
    return this.nats.request(subject, body, { timeout: 20_000, headers: headersOf(marks) });
  }
}

export function headersOf(marks: Readonly<Record<string, string>>) {
  const sent = headers();
  for (const [name, value] of Object.entries(marks)) sent.set(name, value);
  return sent;
}

/** Reads an error reply, whose headers and body must say the same. */
function faultOf(reply: Msg): Fault | undefined {
  const status = reply.headers?.get('Nats-Service-Error-Code');
  if (!status) return undefined;
  const { error } = reply.json<{ error: Omit<Fault, 'status'> }>();
  return { status, code: error.code, message: error.message, details: error.details };
}

function deliveryOf(agentId: string, message: Msg): Delivery {
  const raw: Delivery['raw'] = (bytes, marks = {}) => {
    if (message.reply) message.respond(bytes, { headers: headersOf(marks) });
  };
  return {
    agentId,
    body: message.json<Body>(),
    message,
    raw,
    answer: (data) => raw(JSON.stringify({ agentId, ok: true, data })),
    refuse: (code, why = code) => raw(JSON.stringify({ agentId, ok: false, error: { code, message: why } })),
  };
}
