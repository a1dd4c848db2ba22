import { endpoints, keyReadingSchema } from '@nexus/contracts';
import { type Caller } from '@nexus/wire';
import { type RegisterClient } from '../load/register-client.js';
import { type Reading } from './lost-decisions.js';

const inFlight = 32;
const timeoutMs = 5_000;
const attemptsMax = 3;

/** Every key as the group has it, read linearizably. */
export async function readAll(
  client: RegisterClient,
  keys: readonly string[],
): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>();
  await inParallel(keys, async (key) => {
    for (let attempt = 0; attempt < attemptsMax && !readings.has(key); attempt += 1) {
      const answer = await client.read({ kind: 'read', key }, { timeoutMs });
      if (answer?.kind === 'value') readings.set(key, answer);
    }
  });
  return readings;
}

/** A key of which a replica has another value or version than the group. */
export interface Difference {
  readonly replicaId: string;
  readonly key: string;
  readonly group: string;
  readonly replica: string;
}

/** Where the state of a replica is not the group's. */
export async function stateDifferences(
  caller: Caller,
  replicaId: string,
  readings: ReadonlyMap<string, Reading>,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  await inParallel([...readings], async ([key, { value, version }]) => {
    const body = { key, consistency: 'local' as const };
    const reply = await caller.call(endpoints.consensusReplicaRead, { replicaId }, body, { timeoutMs });
    const own = keyReadingSchema.parse(reply);
    if (own.value === value && own.version === version) return;
    const text = (held: unknown, at: number) => `${String(held)} (version ${at})`;
    differences.push({ replicaId, key, group: text(value, version), replica: text(own.value, own.version) });
  });
  return differences;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}
