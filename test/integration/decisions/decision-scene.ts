import { NexusClient } from '@nexus/sdk';
import { Redis } from 'ioredis';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

/** Services with a decision log, a scripted fleet, and a client for the log. */
export interface DecisionScene extends ScriptedStack {
  readonly client: NexusClient;
  /** Makes Redis forget every request that carried an id. */
  forgetOutcomes(): Promise<void>;
}

export async function startDecisionScene(
  options: NonNullable<Parameters<typeof startScriptedStack>[0]> = {},
): Promise<DecisionScene> {
  const scene = await startScriptedStack({ replicas: 1, ...options });
  const client = await NexusClient.connect({ servers: scene.stack.natsUrl });
  const forgetOutcomes = async () => {
    const redis = new Redis(scene.stack.redisUrl);
    const keys = await redis.keys('{nexus}:outcome:*');
    if (keys.length > 0) await redis.del(...keys);
    await redis.quit();
  };
  const stop = async () => {
    await client.close();
    await scene.stop();
  };
  return { ...scene, client, forgetOutcomes, stop };
}
