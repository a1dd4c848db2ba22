import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startTestStack, type TestStack } from '@nexus/testing';
import { ScriptedFleet } from './scripted-fleet.js';

/** The services on real servers, and a scripted fleet on them. */
export interface ScriptedStack {
  readonly stack: TestStack;
  /** The connection of the fleet. */
  readonly nats: NatsConnection;
  readonly fleet: ScriptedFleet;
  stop(): Promise<void>;
}

export async function startScriptedStack(
  options: NonNullable<Parameters<typeof startTestStack>[0]> = {},
): Promise<ScriptedStack> {
  // Scripted agents send no heartbeats: they live as long as any test.
  const stack = await startTestStack({
    ...options,
    env: { NEXUS_AGENT_TTL_MS: '120000', ...options.env },
  });
  const nats = await connect({ servers: stack.natsUrl });
  const stop = async () => {
    await nats.close();
    await stack.stop();
  };
  return { stack, nats, fleet: new ScriptedFleet(nats), stop };
}
