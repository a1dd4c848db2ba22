import { type Servers } from '@nexus/platform/servers';
import { type ErrorCode } from '@nexus/contracts';
import { NexusError, type NexusClient } from '@nexus/sdk';
import { DidNotHappen, until } from '../../waiting.js';
import { workersGroup } from '../load/unit.js';

/** Times are in milliseconds; null for what did not come. */
export interface OutageReport {
  /** From the kill until every coordinator said that it numbers by itself. */
  readonly ownAfterMs: number | null;
  readonly awayMs: number;
  /** From the moment that Redis was back until every coordinator shared numbers again. */
  readonly sharedAfterMs: number | null;
  /** Of the requests that asked for that: those that failed, by code. A fleet that is full has no room to choose from. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface OutageOptions {
  readonly servers: Servers;
  readonly client: NexusClient;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const withinMs = 20_000;
/** Any coordinator may answer: after so many alike in a row there is hardly one that has not. */
const alikeInRow = 20;

/**
 * Kills Redis, and starts it again once all coordinators have noticed, or have failed to.
 */
export async function redisOutage(options: OutageOptions): Promise<OutageReport> {
  const { servers, say } = options;
  const redis = servers.redis.process!;
  const refused = new Map<ErrorCode, number>();
  const killedAtMs = performance.now();
  redis.kill('SIGKILL');
  await redis.exited;
  say('killed redis');
  const ownAfterMs = await saidAfterMs('own', options, refused);
  await redis.restart();
  const awayMs = performance.now() - killedAtMs;
  say(`redis is back after ${Math.round(awayMs)} ms`);
  const sharedAfterMs = await saidAfterMs('shared', options, refused);
  return { ownAfterMs, awayMs, sharedAfterMs, refused: Object.fromEntries(refused) };
}

/** Until every coordinator says that it takes such numbers; null when that does not come. */
async function saidAfterMs(
  numbers: 'own' | 'shared',
  { client, signal }: OutageOptions,
  refused: Map<ErrorCode, number>,
): Promise<number | null> {
  const fromMs = performance.now();
  let inRow = 0;
  try {
    await until(`all say ${numbers}`, { withinMs, signal }, async () => {
      const said = await saidNumbers(client, refused);
      // Who has no room to choose from says nothing of numbers.
      if (said !== undefined) inRow = said === numbers ? inRow + 1 : 0;
      return inRow === alikeInRow || undefined;
    });
    return performance.now() - fromMs;
  } catch (error) {
    if (error instanceof DidNotHappen) return null;
    throw error;
  }
}

/** Whose numbers a coordinator takes at this moment; it chooses an agent for that, and sends it nothing. */
async function saidNumbers(
  client: NexusClient,
  refused: Map<ErrorCode, number>,
): Promise<'own' | 'shared' | undefined> {
  try {
    const goal = { requests: [{ id: 'probe' }], dispatch: false };
    const { explain } = await client.loadBalance({ group: workersGroup }, goal);
    return explain.balancing?.numbers;
  } catch (thrown) {
    const { code } = NexusError.from(thrown);
    refused.set(code, (refused.get(code) ?? 0) + 1);
    return undefined;
  }
}
