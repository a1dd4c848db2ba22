import { Candidates, LoadTable, PickRequest, type Ticket } from '@nexus/core/balancing';
import { SeededRandom } from '@nexus/testing';

const window = 16;
const nowMs = 60_000;

/** Agents that have been at work for a while, each with a past of its own, and a request for one of them. */
export function busyFleet(agents: number): { readonly table: LoadTable; readonly request: PickRequest } {
  const random = new SeededRandom(agents);
  const table = new LoadTable();
  const ids = Array.from({ length: agents }, (_, at) => `agent-${at}`);
  for (const agentId of ids) {
    const node = `node-${random.integer(1, 8)}`;
    const slot = table.upsert(agentId, { weight: 1, window, node }, 0);
    table.report(
      slot,
      { cpu: random.next(), memory: random.next(), queueDepth: random.integer(0, 9) },
      nowMs,
    );
    const tickets = Array.from({ length: random.integer(1, 8) }, () => table.begin(slot, 0));
    for (const ticket of tickets.slice(1)) {
      table.end(ticket, random.chance(0.02) ? 'failed' : 'done', random.between(1, 50), nowMs - 1_000);
    }
    if (random.chance(0.1)) fill(table, slot);
  }
  const request = new PickRequest(Candidates.of(table, ids), () => random.next());
  request.nowMs = nowMs;
  return { table, request };
}

/** Leaves one of them with room, and all others without. */
export function fillAllButOne({ table, request }: ReturnType<typeof busyFleet>): void {
  for (const slot of request.candidates.slots.subarray(1)) fill(table, slot);
}

function fill(table: LoadTable, slot: number): Ticket[] {
  const room = table.window(slot) - table.inFlight(slot);
  return Array.from({ length: Math.max(0, room) }, () => table.begin(slot, nowMs));
}
