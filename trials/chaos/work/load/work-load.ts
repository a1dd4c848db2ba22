import { NexusError, type NexusClient } from '@nexus/sdk';
import { type Asked, type Outcome } from './asked.js';
import { type PlannedRequest } from './plan-requests.js';
import { workersGroup } from './unit.js';

export interface WorkLoadOptions {
  readonly client: NexusClient;
  readonly planned: readonly PlannedRequest[];
  /** Requests under way at once. */
  readonly parallel: number;
  /** Told of each request that has ended, with the share of all units that have ended by then. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** Far more than a death takes to be noticed: what comes late is not to be taken for what never came. */
const timeoutMs = 60_000;

/** Sends all requests, so many at once, and keeps what comes back; resolves with the last reply. */
export async function runLoad(options: WorkLoadOptions): Promise<Asked[]> {
  const { client, planned, parallel, onProgress, signal } = options;
  const asked: Asked[] = [];
  const units = planned.reduce((sum, request) => sum + request.units.length, 0);
  let next = 0;
  let ended = 0;
  const lane = async () => {
    for (let request = planned[next++]; request; request = planned[next++]) {
      signal.throwIfAborted();
      const startedAtMs = performance.now();
      const outcome = await ask(client, request, signal);
      asked.push({ request, outcome, tookMs: performance.now() - startedAtMs });
      ended += request.units.length;
      onProgress(ended / units);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return asked;
}

async function ask(
  client: NexusClient,
  { algorithm, units }: PlannedRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const requests = units.map((payload) => ({
    ...{ id: payload.unit, payload },
    ...(algorithm === 'consistent_hash' && { affinity: payload.unit }),
  }));
  try {
    const reply = await client.loadBalance(
      { group: workersGroup },
      { requests, algorithm, timeoutMs },
      { signal },
    );
    const { result, layer, explain } = reply;
    const numbers = explain.balancing?.numbers ?? null;
    return { kind: 'answered', results: result.results ?? [], layer, numbers };
  } catch (thrown) {
    signal.throwIfAborted();
    return { kind: 'refused', code: NexusError.from(thrown).code };
  }
}
