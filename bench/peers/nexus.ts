// Nexus, as a program uses it: the SDK in the client's process and in that of the agents.
import { Agent, AgentHost, Connection, NexusClient } from '@nexus/sdk';
import { agentIdAt, groupOf, groupsAt } from '../fleets/fleet-plan.js';
import { type Client, type Peer, type PeerGround } from './peer.js';
import { tellWhenAll, untilAllAreTold } from './told.js';
import { agentWindow, nextUnit, type Telling, unitsPerAgent } from './unit.js';

/** Registrations under way at once. */
const joiningMax = 50;
const timeoutMs = 20_000;
const readyWithinMs = 60_000;
/** Few agents, whose process is the one that is measured. */
const workers = 10;

/** Agents alone and agents on hosts stand side by side in one fleet. */
interface Naming {
  readonly agentId: (index: number) => string;
  readonly group: (agents: number) => string;
}

const alone: Naming = { agentId: agentIdAt, group: groupOf };
const onHosts: Naming = {
  agentId: (index) => `hosted-${agentIdAt(index)}`,
  group: (agents) => `hosted-${groupOf(agents)}`,
};

interface ClientChoice {
  readonly naming: Naming;
  /** Requests carry an id, so that a repeat of one is not done twice. */
  readonly identified: boolean;
}

const clientWith =
  ({ naming, identified }: ClientChoice) =>
  async ({ servers, prefix }: PeerGround): Promise<Client> => {
    const connection = await Connection.open({ servers, name: 'bench nexus client' });
    const client = await NexusClient.connect({ connection, prefix, ...(!identified && { retry: false }) });
    const ask = async (agents: number) => {
      const reply = await client.gather({ group: naming.group(agents) }, { payload: nextUnit(), timeoutMs });
      if (reply.result.responses.length < agents) {
        throw new Error(`${reply.result.responses.length} of ${agents} answered`);
      }
    };
    const share = async (units: number, agents: number) => {
      const requests = Array.from({ length: units }, (_, index) => ({
        id: `unit-${index}`,
        payload: nextUnit(),
      }));
      const { status } = await client.loadBalance({ group: naming.group(agents) }, { requests, timeoutMs });
      if (status !== 'complete') throw new Error(`the work is ${status}`);
    };
    return {
      unit: () => share(1, workers),
      batch: (agents) => share(unitsPerAgent * agents, agents),
      ask,
      tell: untilAllAreTold(connection.nats, prefix, (telling) =>
        client.broadcast({ group: naming.group(telling.agents) }, { payload: telling, timeoutMs }),
      ),
      ready: (agents) => untilAnswered(() => ask(agents)),
    };
  };

/** Units one by one: straight to agents, or gathered for a coordinator. */
const dispatcherWith =
  (direct: boolean) =>
  async ({ servers, prefix }: PeerGround): Promise<Client> => {
    const connection = await Connection.open({ servers, name: 'bench nexus dispatcher' });
    const client = await NexusClient.connect({ connection, prefix, direct, retry: false });
    const via = direct ? 'direct' : 'coordinator';
    const once = async (agents: number) => {
      const done = await client.dispatch({ group: alone.group(agents) }, nextUnit(), { timeoutMs });
      if (done.via !== via) throw new Error(`the work went by way of ${done.via}`);
    };
    return {
      unit: () => once(workers),
      batch: (agents) => Promise.all(Array.from({ length: unitsPerAgent * agents }, () => once(agents))),
      ready: async (agents) => {
        if (direct) await client.whenDirect(readyWithinMs);
        await untilAnswered(() => once(agents));
      },
    };
  };

/** The coordinator learns of agents a moment after they have joined. */
async function untilAnswered(attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** What every agent does, alone or on a host. */
const handlersOf = (told: (telling: Telling) => void) => ({
  task: ({ payload }: { payload: unknown }) => payload,
  gather: ({ payload }: { payload: unknown }) => payload,
  broadcast: ({ payload }: { payload: unknown }) => told(payload as Telling),
});

/** Agents that have one connection in common and nothing else. */
export const nexus: Peer = {
  crew: async ({ servers, prefix }) => {
    const connection = await Connection.open({ servers, name: 'bench nexus crew' });
    const handlers = handlersOf(tellWhenAll(connection.nats, prefix));
    let running = 0;
    const start = (index: number) =>
      Agent.start({
        connection,
        prefix,
        agentId: alone.agentId(index),
        groups: groupsAt(index),
        maxConcurrency: agentWindow,
        handlers,
      });
    return {
      grow: async (agents) => {
        while (running < agents) {
          const joining = Math.min(joiningMax, agents - running);
          await Promise.all(Array.from({ length: joining }, (_, offset) => start(running + offset)));
          running += joining;
        }
      },
    };
  },
  clients: {
    coordinator: clientWith({ naming: alone, identified: false }),
    identified: clientWith({ naming: alone, identified: true }),
    smart: dispatcherWith(true),
    gathered: dispatcherWith(false),
  },
};

/** The same agents on one host. */
export const nexusHosts: Peer = {
  crew: async ({ servers, prefix }) => {
    const connection = await Connection.open({ servers, name: 'bench nexus host' });
    const handlers = handlersOf(tellWhenAll(connection.nats, prefix));
    const host = await AgentHost.start({ connection, prefix, hostId: 'bench-host' });
    let running = 0;
    return {
      grow: async (agents) => {
        const joining = Array.from({ length: Math.max(0, agents - running) }, (_, offset) => ({
          agentId: onHosts.agentId(running + offset),
          groups: groupsAt(running + offset).map((group) => `hosted-${group}`),
          maxConcurrency: agentWindow,
          handlers,
        }));
        running += joining.length;
        await host.addAll(joining);
      },
    };
  },
  clients: { coordinator: clientWith({ naming: onHosts, identified: false }) },
};
