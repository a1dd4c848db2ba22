import { Arena, callsUnbounded, type Way } from '../peers/arena.js';
import { calmFleet } from '../peers/calm-fleet.js';
import { lines } from './lines.js';
import { type GroundSection, ratesOfContenders } from './section.js';

const ways: readonly Way[] = [
  { name: lines.collect, peer: 'raw', client: 'bare' },
  { name: 'raw, requestMany', peer: 'raw', client: 'own' },
  { name: lines.separate, peer: 'nexus', client: 'coordinator' },
  { name: lines.hosted, peer: 'nexusHosts', client: 'coordinator' },
];

const warmUpAgents = 100;

/** All asked, one question after the other. */
export const gather: GroundSection = {
  name: 'gather',
  summary: 'a question to every agent of a fleet, until the last answer is in; times are of the whole',
  on: 'bare ground',
  run: (context, onTable) =>
    Arena.during({ context, prefix: 'gather', ways, variables: calmFleet }, async (arena) => {
      await arena.grow(warmUpAgents);
      await arena.warmUp('ask', warmUpAgents, 1);
      for (const agents of context.effort.fleets) {
        await arena.grow(agents);
        const load = { inFlight: 1, durationMs: context.effort.peersMs, callsMax: callsUnbounded };
        const title = `gather from ${agents.toLocaleString('en')} agents`;
        const contenders = arena.contenders('ask', agents, load);
        const table = await ratesOfContenders(context, { title, unit: 'whole/s', contenders });
        onTable({ ...table, leftOut: arena.leftOut(agents) });
      }
    }),
};
