import { decodeClock } from '@nexus/core/causality';
import { clockPairs, type ClockPair } from '../causality/clock-samples.js';
import { deliverByNexus, deliverByTextbook } from '../causality/deliver-all.js';
import { plainCompare, plainDecode, plainEncode, plainMerge } from '../causality/plain-clock.js';
import { scheduleOf } from '../causality/schedule.js';
import { type GroundContext, type Section, type Table, workOf } from './section.js';

const entryCounts = [3, 30, 300] as const;
/** Of one schedule; each time a receiver begins anew. */
const broadcasts = 1_000;
const bounds = { entriesMax: 1_024, counterMax: Number.MAX_SAFE_INTEGER };

/** What clocks and causal delivery cost a process, without a network. */
export const causality: Section = {
  name: 'causality',
  summary: 'vector clocks and causal delivery in memory, against a plain Map',
  on: 'bare ground',
  run: async (context, onTable) => {
    for (const entries of entryCounts) {
      const pairs = clockPairs(entries);
      for (const operation of operations) onTable(await measure(context, { ...operation, entries, pairs }));
      onTable(await deliveries(context, entries));
    }
  },
};

interface Operation {
  readonly name: string;
  readonly byPlain: (pair: ClockPair) => unknown;
  readonly byNexus: (pair: ClockPair) => unknown;
}

const operations: readonly Operation[] = [
  {
    name: 'compare',
    byPlain: ([one, other]) => plainCompare(one.plain, other.plain),
    byNexus: ([one, other]) => one.vector.compare(other.vector),
  },
  {
    name: 'merge',
    byPlain: ([one, other]) => plainMerge(one.plain, other.plain),
    byNexus: ([one, other]) => one.vector.merge(other.vector),
  },
  {
    name: 'encode',
    byPlain: ([one]) => plainEncode(one.plain),
    byNexus: ([one]) => one.vector.encode(),
  },
  {
    name: 'decode',
    byPlain: ([one]) => plainDecode(one.plainText),
    // It also refuses what is too large, too long or not canonical.
    byNexus: ([one]) => decodeClock(one.vectorText, bounds),
  },
];

function measure(
  context: GroundContext,
  { name, byPlain, byNexus, entries, pairs }: Operation & { entries: number; pairs: readonly ClockPair[] },
): Promise<Table> {
  return workOf(context, {
    title: `${name}, ${entries} entries`,
    unit: `${name}s/s`,
    ways: { 'plain Map': overAll(pairs, byPlain), 'Nexus VectorClock': overAll(pairs, byNexus) },
  });
}

function deliveries(context: GroundContext, senders: number): Promise<Table> {
  const arrivals = scheduleOf(senders, broadcasts);
  return workOf(context, {
    title: `causal delivery, ${senders} senders, arriving up to 16 places late`,
    unit: 'deliveries/s',
    unitsPerCall: broadcasts,
    ways: {
      'textbook list': () => deliverByTextbook(arrivals),
      'Nexus CausalReceiver': () => deliverByNexus(arrivals),
    },
  });
}

/** Each call takes the next pair; what it gives is used, so that no compiler leaves it out. */
function overAll(pairs: readonly ClockPair[], operation: (pair: ClockPair) => unknown): () => void {
  let at = 0;
  let seen = 0;
  return () => {
    const result = operation(pairs[at]!);
    at = (at + 1) % pairs.length;
    if (result !== undefined) seen += 1;
    if (seen < 0) throw new Error('nothing was done');
  };
}
