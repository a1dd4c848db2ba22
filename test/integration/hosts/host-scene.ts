import { headers as natsHeaders, type Msg } from '@nats-io/transport-node';
import { AgentHost, Connection, type HostEvent } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { encodeBody, type Encoding } from '@nexus/wire';
import { RoutingRig } from '../routing/rig.js';

type HostOptions = Omit<
  Partial<Parameters<typeof AgentHost.start>[0]>,
  'connection' | 'servers' | 'auth' | 'inboxPrefix' | 'connectTimeoutMs'
>;

/** One answer as it came: alone, or among those of its host. */
export interface Heard {
  readonly subject: string;
  readonly headers: Msg['headers'];
  readonly body: Record<string, unknown>;
}

let names = 0;

/** Routing on real servers, hosts, and somebody who speaks to them as a coordinator does. */
export class HostScene {
  readonly hosts: AgentHost[] = [];
  readonly events: HostEvent[] = [];

  private constructor(
    readonly rig: RoutingRig,
    readonly asker: Connection,
  ) {}

  static async start(times = { heartbeatMs: 200, ttlMs: 1_200 }): Promise<HostScene> {
    const rig = await RoutingRig.start();
    await rig.addReplica(times);
    return new HostScene(rig, await Connection.open({ servers: rig.servers.natsUrl, name: 'asker' }));
  }

  name(kind: string): string {
    return `${kind}-${names++}`;
  }

  async host(options: HostOptions = {}): Promise<AgentHost> {
    const host = await AgentHost.start({
      servers: this.rig.servers.natsUrl,
      hostId: this.name('host'),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.hosts.push(host);
    return host;
  }

  message(over: Record<string, unknown> = {}): Record<string, unknown> {
    const coordinationId = this.name('c');
    return {
      coordinationId,
      kind: 'gather',
      payload: null,
      budgetMs: 5_000,
      attempt: 1,
      from: 'asker',
      ...over,
    };
  }

  tell(subject: string, message: Record<string, unknown>): void {
    this.asker.publish(subject, encodeBody(message));
  }

  /** Sends a message, and collects what comes back on its reply subject or behind it. */
  ask(subject: string, message: Record<string, unknown>, encoding: Encoding = 'json') {
    const reply = `_INBOX.asker${names++}.conversation.message`;
    const heard: Heard[] = [];
    const listen = (at: string) =>
      this.asker.subscribe(at, (message) => {
        const { subject: on, headers, data } = message;
        const isJson = headers?.get('Content-Type') !== 'application/msgpack' && data.length > 0;
        heard.push({ subject: on, headers, body: isJson ? message.json() : {} });
        raw.push(data);
      });
    const raw: Uint8Array[] = [];
    listen(reply);
    listen(`${reply}.*`);
    const headers = natsHeaders();
    if (encoding === 'msgpack') headers.set('Content-Type', 'application/msgpack');
    this.asker.publish(subject, encodeBody(message, encoding), { reply, headers });
    return { reply, heard, raw, root: reply.split('.').slice(0, 2).join('.') };
  }

  /** As `ask`, until so many agents have answered; their answers by id. */
  async gather(subject: string, message: Record<string, unknown>, agents: number) {
    const asked = this.ask(subject, message);
    const answers = () =>
      asked.heard.flatMap(({ body }) => (body['answers'] ?? [body]) as Record<string, unknown>[]);
    await eventually(`${agents} answers`, () => answers().length >= agents);
    return { ...asked, answers: new Map(answers().map((each) => [each['agentId'] as string, each])) };
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.close({ drainTimeoutMs: 100 })));
    await this.asker.close();
    await this.rig.stop();
  }
}
