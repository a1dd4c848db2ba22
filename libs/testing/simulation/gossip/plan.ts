import { describeFault, type Fault, type Step } from '../fault.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Lie, lies } from './lie.js';

/** What befalls the members, and what is done to them, while it lasts. */
export type GossipFault =
  | Exclude<Fault, { readonly kind: 'disk' }>
  /** Says goodbye, which may be long on its way; starts again when the step ends, unless it is gone for good. */
  | { readonly kind: 'leave'; readonly node: string; readonly forGood: boolean; readonly isLate: boolean }
  /** Removes nearly all its keys. */
  | { readonly kind: 'prune'; readonly node: string }
  /** A newcomer starts. */
  | { readonly kind: 'join'; readonly node: string }
  /** The wall clock of its machine is set anew. */
  | { readonly kind: 'clock'; readonly node: string; readonly byMs: number }
  /** Somebody sends what is not so. */
  | { readonly kind: 'lie'; readonly node: string; readonly about: string; readonly lie: Lie };

export interface PlanShape {
  /** All there may be, newcomers included. */
  readonly names: readonly string[];
  readonly newcomers: readonly string[];
  readonly roundMs: number;
  readonly troubleMs: number;
  readonly tombstoneRounds: number;
}

interface Drawn {
  readonly fault: GossipFault;
  readonly forMs: number;
}

interface Planned extends Drawn {
  readonly atMs: number;
}

type Draw = (random: SeededRandom, shape: PlanShape, node: string) => Drawn;

/** Each kind as often as its weight says. */
const kinds: readonly (readonly [weight: number, draw: Draw])[] = [
  [6, (random, shape, node) => ({ fault: crash(random, node), forMs: absence(random, shape) })],
  [4, (random, shape, node) => ({ fault: { kind: 'pause', node }, forMs: outage(random, shape) })],
  [5, (random, shape) => ({ fault: partition(random, shape), forMs: outage(random, shape) })],
  [2, (random, shape, node) => ({ fault: skew(random, node), forMs: 2 * outage(random, shape) })],
  [2, (random, shape) => ({ fault: storm(random, shape), forMs: outage(random, shape) })],
  [3, (random, shape, node) => ({ fault: leave(random, node), forMs: absence(random, shape) })],
  [
    2,
    (random, _, node) => ({
      fault: { kind: 'clock', node, byMs: random.pick([-40_000, -9_000, 20_000]) },
      forMs: 0,
    }),
  ],
  [5, (random, shape, node) => ({ fault: lie(random, shape, node), forMs: 0 })],
];

/** Of a run. */
const exileChance = 0.4;

/**
 * Somebody is away for longer than tombstones last, and not so long that it is forgotten; meanwhile another removes its keys.
 * It begins early, so that it is over before all faults are.
 */
function exileSteps(
  random: SeededRandom,
  { names, roundMs, tombstoneRounds, troubleMs }: PlanShape,
): Planned[] {
  const forMs = (tombstoneRounds + random.between(3, 9)) * roundMs;
  const atMs = random.between(8 * roundMs, Math.max(9 * roundMs, troubleMs - forMs));
  const [away = '', owner = ''] = random.shuffled(names);
  const fault: GossipFault = random.chance(0.7)
    ? { kind: 'partition', nodes: [away], direction: 'both' }
    : { kind: 'pause', node: away };
  const prune: GossipFault = { kind: 'prune', node: owner };
  return [
    { atMs, fault, forMs },
    { atMs: atMs + random.between(0, 2) * roundMs, fault: prune, forMs: 0 },
  ];
}

/** The faults of a run, in order of time. Every newcomer joins at some time. */
export function planSteps(random: SeededRandom, shape: PlanShape): Step<GossipFault>[] {
  const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);
  const drawn = Array.from({ length: random.integer(1, 9) }, () => {
    let left = random.next() * weights;
    const [, draw] = kinds.find(([weight]) => (left -= weight) < 0) ?? kinds[0]!;
    const atMs = random.between(2 * shape.roundMs, shape.troubleMs);
    return { atMs, ...draw(random, shape, random.pick(shape.names)) };
  });
  const joins = shape.newcomers.map((node) => ({
    atMs: random.between(shape.roundMs, shape.troubleMs),
    fault: { kind: 'join', node } as const,
    forMs: 0,
  }));
  const exile = random.chance(exileChance) ? exileSteps(random, shape) : [];
  const steps = [...drawn, ...joins, ...exile].sort((a, b) => a.atMs - b.atMs);
  return steps.map((step, number) => ({ number, ...step }));
}

export function describeStep({ number, atMs, forMs, fault }: Step<GossipFault>): string {
  const when = `#${number} at ${atMs.toFixed(0)} ms`;
  switch (fault.kind) {
    case 'leave':
      return `${when}: ${fault.node} leaves${fault.isLate ? ', heard late' : ''}, ${fault.forGood ? 'for good' : `and is back ${forMs.toFixed(0)} ms later`}`;
    case 'prune':
      return `${when}: ${fault.node} removes its keys`;
    case 'join':
      return `${when}: ${fault.node} joins`;
    case 'clock':
      return `${when}: the wall clock of ${fault.node} is set ${fault.byMs} ms on`;
    case 'lie':
      return `${when}: ${fault.node} is told about ${fault.about}: ${fault.lie}`;
    default:
      return `${when}, for ${forMs.toFixed(0)} ms: ${describeFault(fault)}`;
  }
}

/** From a hiccup to longer than the dead are remembered. */
function outage(random: SeededRandom, { roundMs, tombstoneRounds }: PlanShape): number {
  const rounds = random.pick([
    random.between(0.2, 3),
    random.between(3, 15),
    random.between(10, 2 * tombstoneRounds),
  ]);
  return rounds * roundMs;
}

/** Often so short that what was sent before arrives after. */
const absence = (random: SeededRandom, shape: PlanShape): number =>
  random.chance(0.5) ? random.between(0.02, 1) * shape.roundMs : outage(random, shape);

function crash(random: SeededRandom, node: string): GossipFault {
  return { kind: 'crash', node, loses: random.chance(0.3) ? 'everything' : 'unsynced' };
}

function leave(random: SeededRandom, node: string): GossipFault {
  return { kind: 'leave', node, forGood: random.chance(0.4), isLate: random.chance(0.4) };
}

function skew(random: SeededRandom, node: string): GossipFault {
  return { kind: 'skew', node, factor: random.pick([0.7, 0.9, 1.1, 1.4]) };
}

function lie(random: SeededRandom, { names }: PlanShape, node: string): GossipFault {
  return { kind: 'lie', node, about: random.pick(names), lie: random.pick(lies) };
}

function partition(random: SeededRandom, { names }: PlanShape): GossipFault {
  const nodes = random.shuffled(names).slice(0, random.integer(1, Math.max(1, Math.floor(names.length / 2))));
  return { kind: 'partition', nodes, direction: random.pick(['both', 'both', 'in', 'out'] as const) };
}

function storm(random: SeededRandom, { roundMs }: PlanShape): GossipFault {
  const quality = {
    lossChance: random.between(0.1, 0.7),
    duplicateChance: random.between(0, 0.3),
    reorderChance: random.between(0, 0.5),
    delayMsMin: 1,
    delayMsMax: random.between(50, roundMs),
    lateMsMax: random.between(roundMs, 5 * roundMs),
  };
  return { kind: 'storm', quality };
}
