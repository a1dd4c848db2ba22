import { Candidates, LoadTable, type LoadTableOptions, PickRequest } from '../index.js';

export const idOf = (number: number): string => `agent-${String(number).padStart(3, '0')}`;

/** Uniform in [0, 1), from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface FleetOptions extends LoadTableOptions {
  readonly agents: number;
  readonly window?: number;
  readonly weights?: readonly number[];
  readonly nodes?: readonly string[];
  readonly seed?: number;
}

/** Agents 0 to `agents` - 1, all of them candidates; a slot is the agent's number. */
export function fleetOf({ agents, window = 16, weights, nodes, seed = 1, ...options }: FleetOptions) {
  const table = new LoadTable(options);
  const ids = Array.from({ length: agents }, (_, number) => idOf(number));
  for (const [number, agentId] of ids.entries()) {
    table.upsert(agentId, { weight: weights?.[number] ?? 1, window, node: nodes?.[number] }, 0);
  }
  const random = randomOf(seed);
  const candidates = Candidates.of(table, ids);
  return { table, candidates, random, request: new PickRequest(candidates, random) };
}

/** Gives an agent work that ends in an outcome, so many times, a millisecond each. */
export function endAs(
  table: LoadTable,
  slot: number,
  { outcome = 'failed', times = 1, latencyMs = 1, nowMs = 0 }: Partial<Ended> = {},
): void {
  for (let time = 0; time < times; time++) table.end(table.begin(slot, nowMs), outcome, latencyMs, nowMs);
}

interface Ended {
  readonly outcome: Parameters<LoadTable['end']>[1];
  readonly times: number;
  readonly latencyMs: number;
  readonly nowMs: number;
}
