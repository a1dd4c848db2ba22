// The process that asks: at moments drawn beforehand, whatever became of earlier requests.
import { NexusError } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import { Connection } from '@nexus/wire';
import { type Ending, openLoop } from '../measure/open-loop.js';
import { NexusCaller } from '../nexus-caller.js';
import { answerParent } from '../processes/parent-line.js';
import { fleet as plans, unitTimeoutMs } from './fleet.js';
import { type Chooser, type ClientOrder, fleetSubjects, type ProbeReply } from './orders.js';

const [, , servers = '', prefix = ''] = process.argv;
const connection = await Connection.open({ servers, name: 'bench quality client' });
const nexus = new NexusCaller(connection, prefix);
const joinedWithinMs = 20_000;
const pollMs = 50;

type Ask = (index: number) => Promise<Ending>;

answerParent(async (message): Promise<object> => {
  const order = message as ClientOrder;
  switch (order.kind) {
    case 'await':
      await untilJoined(order.fleet, order.agents);
      return order;
    case 'probe':
      return probe(order.fleet, order.chooser);
    case 'load': {
      const random = new SeededRandom(order.seed, 'arrivals');
      const { ratePerS, durationMs } = order;
      return openLoop(askBy(order.chooser, order.fleet), {
        ratePerS,
        durationMs,
        random: () => random.next(),
      });
    }
  }
});

function askBy(chooser: Chooser, fleet: string): Ask {
  switch (chooser.kind) {
    case 'queue group':
      return () => askRaw(fleetSubjects.any(fleet));
    case 'by hand':
      return (index) => askRaw(fleetSubjects.agent(fleet, index % plans.length));
    case 'nexus':
      return (index) => askNexus(fleet, chooser, index);
  }
}

async function askRaw(subject: string): Promise<Ending> {
  try {
    const body = JSON.stringify({ kind: 'task', budgetMs: unitTimeoutMs });
    const reply = await connection.nats.request(subject, body, { timeout: unitTimeoutMs });
    return reply.json<{ ok: boolean }>().ok ? 'done' : 'failed';
  } catch {
    return 'expired';
  }
}

type NexusChooser = Extract<Chooser, { kind: 'nexus' }>;
interface UnitResult {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
}

async function askNexus(fleet: string, { algorithm }: NexusChooser, index: number): Promise<Ending> {
  try {
    const { result } = await nexus.coordinateAnyhow({
      agents: { group: fleet },
      goal: {
        type: 'load_balance',
        algorithm,
        requests: [{ id: `unit-${index}` }],
        timeoutMs: unitTimeoutMs,
      },
    });
    const [unit] = (result as { results: UnitResult[] }).results;
    if (unit?.ok) return 'done';
    return unit?.error?.code === 'deadline_exceeded' ? 'expired' : 'failed';
  } catch (error) {
    return NexusError.from(error).code === 'deadline_exceeded' ? 'expired' : 'failed';
  }
}

/** Whether this build does it at all. */
async function probe(fleet: string, chooser: Chooser): Promise<ProbeReply> {
  if (chooser.kind !== 'nexus') return { served: true };
  try {
    await nexus.coordinateAnyhow({
      agents: { group: fleet },
      goal: {
        type: 'load_balance',
        algorithm: chooser.algorithm,
        requests: [{ id: 'probe' }],
        dispatch: false,
      },
    });
    return { served: true };
  } catch (error) {
    return { served: false, why: NexusError.from(error).message };
  }
}

/** The coordinator learns of agents a moment after they have joined. */
async function untilJoined(fleet: string, agents: number): Promise<void> {
  const deadline = performance.now() + joinedWithinMs;
  for (;;) {
    const reply = await nexus
      .coordinateAnyhow({ agents: { group: fleet }, goal: { type: 'gather' } })
      .catch(() => undefined);
    const { responses = [] } = (reply?.['result'] ?? {}) as { responses?: unknown[] };
    if (responses.length === agents) return;
    if (performance.now() > deadline) throw new Error(`${responses.length} of ${agents} agents are there`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
