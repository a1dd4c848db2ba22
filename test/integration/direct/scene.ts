import { NexusClient, type WorkDone, type WorkOptions } from '@nexus/sdk';
import { type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

/** Services, a scripted fleet, and clients that share work out by themselves. */
export class DirectScene {
  private readonly clients: NexusClient[] = [];

  private constructor(readonly scripted: ScriptedStack) {}

  static async start(...options: Parameters<typeof startScriptedStack>): Promise<DirectScene> {
    return new DirectScene(await startScriptedStack(...options));
  }

  get fleet(): ScriptedFleet {
    return this.scripted.fleet;
  }

  /** A client that goes straight to agents, once it may. */
  async direct(options: { readonly userId?: string } = {}): Promise<NexusClient> {
    const client = await this.client({ ...options, direct: true });
    await client.whenDirect(10_000);
    return client;
  }

  async client(options: { readonly userId?: string; readonly direct?: boolean } = {}): Promise<NexusClient> {
    const client = await NexusClient.connect({ servers: this.scripted.stack.natsUrl, ...options });
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.scripted.stop();
  }
}

export const echo = ({ agentId, body, answer }: Delivery) => answer({ did: body['payload'], by: agentId });
/** Takes what it is sent, and says nothing. */
export const silence = () => undefined;

/** So many units of work at once, numbered; each with what became of it. */
export function dispatchMany(client: NexusClient, group: string, count: number, options: WorkOptions = {}) {
  return Promise.allSettled(
    Array.from({ length: count }, (_, index) => client.dispatch({ group }, { index }, options)),
  );
}

export const doneOf = (settled: readonly PromiseSettledResult<WorkDone>[]): WorkDone[] =>
  settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));

export const codesOf = (settled: readonly PromiseSettledResult<WorkDone>[]): unknown[] =>
  settled.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: unknown }).code] : []));
