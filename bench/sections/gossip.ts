import { SeededRandom } from '@nexus/testing';
import { thorough } from '../effort.js';
import { Crowd, type Protocol, type Spread } from '../gossip/crowd.js';
import { HandTold } from '../gossip/hand-told.js';
import { MeshOnNats } from '../gossip/mesh-on-nats.js';
import { NexusProtocol } from '../gossip/nexus-protocol.js';
import { measureRounds, nexusPair, plainPair } from '../gossip/one-round.js';
import { PushProtocol } from '../gossip/push-protocol.js';
import { figureOf, quantile } from '../measure/figures.js';
import { compare } from '../measure/rounds.js';
import { type CountTable, type GroundContext, type RateTable, ratesOf, type Section } from './section.js';

const spreadSizes = { quick: [12, 62], thorough: [12, 62, 300] } as const;
const stepSizes = [12, 62, 300, 1_000] as const;
const changesARound = 4;
const meshMembers = 12;
/** Until newcomers know everybody, and every round is like the other. */
const warmUpRounds = 12;

/** What gossip costs, and how fast it spreads. */
export const gossip: Section = {
  name: 'gossip',
  summary: 'rounds and bytes until all know, steps in memory and on NATS, against pushing the whole state',
  on: 'bare ground',
  run: async (context, onTable) => {
    onTable(spreadTable(context));
    for (const members of stepSizes) onTable(await stepTable(context, members));
    onTable(await natsTable(context));
  },
};

type Begin = (members: number, random: () => number) => Protocol;

const protocols: Readonly<Record<string, Begin>> = {
  'plain push': (members, random) => new PushProtocol(members, random),
  Nexus: (members, random) => new NexusProtocol(members, random),
};

function spreadTable({ effort, progress }: GroundContext): CountTable {
  const sizes = spreadSizes[effort === thorough ? 'thorough' : 'quick'];
  const changes = changesARound * effort.rounds;
  const rows = sizes.flatMap((members) =>
    Object.entries(protocols).map(([name, begin]) => {
      progress(`gossip: ${members} members, ${name}`);
      return { name: `${members} members, ${name}`, values: spreadOf(members, changes, begin) };
    }),
  );
  return {
    kind: 'counts',
    title: `one change until all know it (${changes} changes; bytes and messages are what a member sends a round)`,
    columns: ['rounds, median', 'p99', 'log2 N', 'bytes', 'messages'],
    rows,
  };
}

function spreadOf(members: number, changes: number, begin: Begin): number[] {
  const random = new SeededRandom(1, `crowd of ${members}`);
  const next = () => random.next();
  const crowd = new Crowd(begin(members, next), members, next);
  crowd.run(warmUpRounds);
  const spreads = Array.from({ length: changes }, (_, at) =>
    crowd.spread(random.integer(0, members - 1), `change ${at}`),
  );
  const rounds = spreads.map((spread) => spread.rounds).sort((a, b) => a - b);
  const aRound = (of: (spread: Spread) => number) =>
    figureOf(spreads.map((spread) => of(spread) / spread.rounds / members)).median;
  return [
    ...[quantile(rounds, 0.5), quantile(rounds, 0.99), Math.log2(members)],
    ...[Math.round(aRound(({ bytes }) => bytes)), aRound(({ messages }) => messages)],
  ];
}

/** What a member works for a round: its own exchanges, and those that others begin with it; both write and read bytes. */
async function stepTable({ effort, progress }: GroundContext, members: number): Promise<RateTable> {
  const title = `a round of one member among ${members}: its own exchanges and as many of others`;
  const pairs = { 'plain push, JSON': plainPair(members), 'Nexus, bytes': nexusPair(members) };
  const contenders = Object.entries(pairs).map(([name, pair]) => ({
    name,
    measure: () => Promise.resolve(measureRounds(pair, effort.measureMs)),
  }));
  const results = await compare(contenders, effort.rounds, (round) => progress(`${title}: round ${round}`));
  return { kind: 'rates', title, unit: 'rounds/s', results };
}

/** An urgent change, from the put until the last of twelve members has it, on a real broker. */
async function natsTable(context: GroundContext): Promise<RateTable> {
  const mesh = await MeshOnNats.start(context.natsUrl, meshMembers);
  const hand = await HandTold.start(context.natsUrl, meshMembers);
  try {
    const title = `one urgent change to ${meshMembers} members on NATS, one after another`;
    const ways = {
      'one publish, all subscribed': () => hand.spread(),
      'Nexus, urgent put': () => mesh.spread(),
    };
    return await ratesOf(context, { title, unit: 'changes/s', ways, inFlight: 1 });
  } finally {
    await Promise.all([mesh.stop(), hand.stop()]);
  }
}
