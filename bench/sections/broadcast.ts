import { Arena, callsUnbounded, type Way } from '../peers/arena.js';
import { calmFleet } from '../peers/calm-fleet.js';
import { lines } from './lines.js';
import { type GroundContext, type GroundSection, ratesOfContenders, type RateTable } from './section.js';

/** One message describes all services of a Moleculer node, and must fit the broker's largest. */
const moleculerAgentsMax = 1_000;

const ways: readonly Way[] = [
  { name: lines.fanOut, peer: 'raw', client: 'bare' },
  { name: 'raw, a publish an agent', peer: 'raw', client: 'own' },
  { name: 'Moleculer broadcast', peer: 'moleculer', client: 'roundRobin', agentsMax: moleculerAgentsMax },
  { name: lines.separate, peer: 'nexus', client: 'coordinator' },
  { name: lines.hosted, peer: 'nexusHosts', client: 'coordinator' },
];

/** A telling of so many more is itself as much as goes through. */
const pipelinedAgentsMax = 1_000;
const inFlightsWith = (agents: number): readonly number[] =>
  agents > pipelinedAgentsMax ? inFlights.slice(0, 1) : inFlights;
const warmUpAgents = 100;

/** One telling after the other shows how long one takes; several under way show how much goes through. */
const inFlights = [1, 8] as const;

/** All told: a telling has ended when every agent has it. */
export const broadcast: GroundSection = {
  name: 'broadcast',
  summary: 'a message to every agent of a fleet, until the last one has it',
  on: 'bare ground',
  run: (context, onTable) =>
    Arena.during({ context, prefix: 'broadcast', ways, variables: calmFleet }, async (arena) => {
      await arena.grow(warmUpAgents);
      await arena.warmUp('tell', warmUpAgents);
      for (const agents of context.effort.fleets) {
        await arena.grow(agents);
        for (const inFlight of inFlightsWith(agents))
          onTable(await deliveries(context, arena, agents, inFlight));
      }
    }),
};

async function deliveries(
  context: GroundContext,
  arena: Arena,
  agents: number,
  inFlight: number,
): Promise<RateTable> {
  const load = {
    inFlight,
    durationMs: context.effort.peersMs,
    callsMax: callsUnbounded,
    unitsPerCall: agents,
  };
  const title = `broadcast to ${agents.toLocaleString('en')} agents, ${inFlight} in flight`;
  const contenders = arena.contenders('tell', agents, load);
  const table = await ratesOfContenders(context, { title, unit: 'deliveries/s', contenders });
  return { ...table, leftOut: arena.leftOut(agents) };
}
