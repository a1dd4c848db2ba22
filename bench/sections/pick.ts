import {
  type AlgorithmName,
  algorithmNames,
  type Balancer,
  balancerOf,
  noAgent,
  type PickRequest,
} from '@nexus/core/balancing';
import { busyFleet, fillAllButOne } from '../balancing/busy-fleet.js';
import { type GroundContext, type Section, type Table, workOf } from './section.js';

const fleetSizes = [10, 1_000, 100_000] as const;

/** What choosing an agent costs a process; the time of a call is that of one pick. */
export const pick: Section = {
  name: 'pick',
  summary: 'one agent chosen out of 10, 1,000 and 100,000, by each algorithm, in memory',
  on: 'bare ground',
  run: async (context, onTable) => {
    for (const agents of fleetSizes) {
      const fleet = busyFleet(agents);
      onTable(await picks(context, `${agents} agents`, (balancer) => pickOnly(balancer, fleet.request)));
      onTable(
        await picks(context, `${agents} agents, with the work begun and ended`, (balancer) =>
          pickAndWork(balancer, fleet),
        ),
      );
      fillAllButOne(fleet);
      onTable(
        await picks(context, `${agents} agents, one of which has room`, (balancer) =>
          pickOnly(balancer, fleet.request),
        ),
      );
    }
  },
};

function picks(
  context: GroundContext,
  title: string,
  wayOf: (balancer: Balancer) => () => void,
): Promise<Table> {
  const ways = algorithmNames.map((name: AlgorithmName) => {
    const predictor = { usable: true, errorLog: 0.1, predictMs: predictSteadily };
    return [name, wayOf(balancerOf(name, { predictor }))] as const;
  });
  return workOf(context, { title, unit: 'picks/s', ways: Object.fromEntries(ways) });
}

/** As cheap as a model can be: what is measured is the algorithm, not a model. */
const predictSteadily = (): number => 1;

function pickOnly(balancer: Balancer, request: PickRequest): () => void {
  let count = 0;
  return () => {
    prepare(request, count++);
    if (balancer.pick(request) === noAgent) throw new Error('nobody had room');
  };
}

function pickAndWork(balancer: Balancer, { table, request }: ReturnType<typeof busyFleet>): () => void {
  let count = 0;
  return () => {
    prepare(request, count++);
    table.end(table.begin(balancer.pick(request), request.nowMs), 'done', 5, request.nowMs);
  };
}

function prepare(request: PickRequest, count: number): void {
  request.number = count;
  request.affinity = Math.imul(count, 0x9e37_79b9) >>> 0;
}
