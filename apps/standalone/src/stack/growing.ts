import { NexusClient } from '@nexus/sdk';
import { type StandaloneConfig } from '../standalone.config.js';
import { admitNewcomers } from './admit-newcomers.js';
import { type ReplicaPlan } from './replica-plan.js';

export interface Growth {
  readonly plan: ReplicaPlan;
  readonly config: StandaloneConfig;
  readonly natsUrl: string;
  readonly say: (line: string) => void;
}

const growTimeoutMs = 60_000;

/**
 * Runs the start of a stack; when its decision log is to become larger, lets the new replicas in meanwhile: they are not
 * ready before they are members.
 * @throws what the start threw, or NexusError `unavailable` when the log does not grow
 */
export async function growing(
  { plan, config, natsUrl, say }: Growth,
  start: () => Promise<void>,
): Promise<void> {
  if (!plan.grows) return start();
  const ended = new AbortController();
  const client = await NexusClient.connect({ servers: natsUrl, prefix: config.prefix, retry: false });
  const { replicaIds } = plan;
  try {
    const admission = admitNewcomers({
      ...{ client, replicaIds, withinMs: growTimeoutMs, say, signal: ended.signal },
    });
    await Promise.all([admission, start().catch((error: unknown) => endWith(ended, error))]);
  } finally {
    await client.close();
  }
}

function endWith(ended: AbortController, error: unknown): never {
  ended.abort();
  throw error;
}
