import { Arena, callsUnbounded, type Way } from '../peers/arena.js';
import { unitsPerAgent } from '../peers/unit.js';
import { lines } from './lines.js';
import { type GroundSection, type GroundContext, ratesOfContenders, type RateTable } from './section.js';

const agents = 10;
const batchAgents = 40;
const units = unitsPerAgent * batchAgents;
const inFlights = [1, 64, 256] as const;

/** The first line is the limit, the second what its users have. */
const ways: readonly Way[] = [
  { name: lines.multiplexed, peer: 'raw', client: 'bare' },
  { name: lines.request, peer: 'raw', client: 'own' },
  { name: 'NATS queue group, two members', peer: 'queueGroup', client: 'own' },
  { name: 'Nest transport', peer: 'nest', client: 'own' },
  { name: lines.moleculer, peer: 'moleculer', client: 'roundRobin' },
  { name: 'Moleculer, latency', peer: 'moleculer', client: 'latency' },
  { name: lines.smart, peer: 'nexus', client: 'smart' },
  { name: lines.gathered, peer: 'nexus', client: 'gathered' },
  { name: lines.coordinator, peer: 'nexus', client: 'coordinator' },
  { name: 'Nexus, with a request id', peer: 'nexus', client: 'identified' },
];

/** Those that can be given many units at once, or have lanes by hand for it. */
const batchPeers = new Set(['raw', 'nexus']);

/** Work handed out, and its results brought back. */
export const dispatch: GroundSection = {
  name: 'dispatch',
  summary: `a unit of work of about 200 B a request, done and sent back; and ${units} in one request`,
  on: 'bare ground',
  run: async (context, onTable) => {
    await Arena.during({ context, prefix: 'dispatch', ways, crews: { queueGroup: 2 } }, async (arena) => {
      await arena.grow(agents);
      await arena.warmUp('unit', agents);
      for (const inFlight of inFlights) onTable(await single(context, arena, inFlight));
    });
    const batched = ways.filter(({ peer }) => batchPeers.has(peer));
    await Arena.during({ context, prefix: 'batch', ways: batched }, async (arena) => {
      await arena.grow(batchAgents);
      await arena.warmUp('batch', batchAgents);
      onTable(await batches(context, arena));
    });
  },
};

const loadOf = ({ effort }: GroundContext, inFlight: number) => ({
  inFlight,
  durationMs: effort.peersMs,
  callsMax: callsUnbounded,
});

function single(context: GroundContext, arena: Arena, inFlight: number): Promise<RateTable> {
  return ratesOfContenders(context, {
    title: `a unit a request, ${inFlight} in flight`,
    unit: 'req/s',
    contenders: arena.contenders('unit', agents, loadOf(context, inFlight)),
    also: lines.request,
  });
}

function batches(context: GroundContext, arena: Arena): Promise<RateTable> {
  return ratesOfContenders(context, {
    title: `${units} units a request on ${batchAgents} agents; times are of the whole`,
    unit: 'units/s',
    contenders: arena.contenders('batch', batchAgents, {
      ...loadOf(context, 1),
      unitsPerCall: units,
    }),
  });
}
