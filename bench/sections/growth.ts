import { figureOf } from '../measure/figures.js';
import { compare, type Result } from '../measure/rounds.js';
import { Arena, callsUnbounded, type Way } from '../peers/arena.js';
import { calmFleet } from '../peers/calm-fleet.js';
import { type Act } from '../peers/peer.js';
import { unitsPerAgent } from '../peers/unit.js';
import { lines } from './lines.js';
import { type CountTable, type GroundContext, type GroundSection } from './section.js';

/** What is done again with twice the work and the fleet, and twice that. */
interface Growing {
  readonly name: string;
  readonly act: Act;
  readonly sizes: readonly [number, number, number];
  /** Operations of one call, by the size of the fleet. */
  readonly operations: (agents: number) => number;
}

const growings: readonly Growing[] = [
  {
    name: 'a unit of work',
    act: 'batch',
    sizes: [10, 20, 40],
    operations: (agents) => unitsPerAgent * agents,
  },
  { name: 'a delivery', act: 'tell', sizes: [250, 500, 1_000], operations: (agents) => agents },
  { name: 'an answer', act: 'ask', sizes: [250, 500, 1_000], operations: (agents) => agents },
];

const ways: readonly Way[] = [
  { name: 'raw', peer: 'raw', client: 'bare' },
  { name: lines.separate, peer: 'nexus', client: 'coordinator' },
  { name: lines.hosted, peer: 'nexusHosts', client: 'coordinator' },
];

/** What an operation costs while work and fleet are doubled twice: it may grow as log n does, and no faster. */
export const growth: GroundSection = {
  name: 'growth',
  summary: 'cost of an operation with work and fleet doubled twice',
  on: 'bare ground',
  run: (context, onTable) =>
    Arena.during({ context, prefix: 'growth', ways, variables: calmFleet }, async (arena) => {
      for (const growing of growings) onTable(await costs(context, arena, growing));
    }),
};

async function costs(context: GroundContext, arena: Arena, growing: Growing): Promise<CountTable> {
  const { name, act, sizes, operations } = growing;
  const { effort, progress } = context;
  const steps: Result[][] = [];
  await arena.grow(sizes[0]);
  await arena.warmUp(act, sizes[0], 1);
  for (const agents of sizes) {
    await arena.grow(agents);
    const load = {
      inFlight: 1,
      durationMs: effort.peersMs,
      callsMax: callsUnbounded,
      unitsPerCall: operations(agents),
    };
    const title = `growth of ${name}: ${agents} agents`;
    const onRound = (round: number) => progress(`${title}, round ${round}`);
    const [missing] = arena.leftOut(agents);
    if (missing) throw new Error(`${missing.name} ${missing.why}`);
    steps.push(await compare(arena.contenders(act, agents, load), effort.rounds, onRound));
  }
  const [least, , most] = sizes;
  return {
    kind: 'counts',
    title: `what ${name} costs, µs`,
    chart: 'growth',
    columns: [...sizes.map((agents) => `${agents} agents`), 'growth', 'allowed'],
    rows: ways.map((way, index) => {
      const perStep = steps.map((results) => results[index]!.ratesPerS.map((ratePerS) => 1e6 / ratePerS));
      const first = figureOf(perStep[0]!).median;
      return {
        name: way.name,
        values: [
          ...perStep.map(figureOf),
          figureOf(perStep.at(-1)!).median / first,
          Math.log2(most) / Math.log2(least),
        ],
      };
    }),
  };
}
