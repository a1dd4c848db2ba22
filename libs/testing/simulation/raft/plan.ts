import { describeFault, type Fault, type Step } from '../fault.js';
import { type SeededRandom } from '../seeded-random.js';

/** What is done to a group beside the faults, while they last. */
export type RaftFault =
  | Fault
  /** The leader hands over. */
  | { readonly kind: 'transfer' }
  /** Somebody joins: as a learner first, then, mostly, as a voter. */
  | { readonly kind: 'grow'; readonly votes: boolean }
  /** A member is removed; it may go on running, and disturb. */
  | { readonly kind: 'shrink'; readonly node: string; readonly stops: boolean };

interface PlanShape {
  readonly membersAtFirst: number;
  readonly safetyMs: number;
  /** The shortest election time-out. */
  readonly electionMs: number;
}

type Draw = (random: SeededRandom, shape: PlanShape, node: string) => { fault: RaftFault; forMs: number };

/** Each kind as often as its weight says. */
const kinds: readonly (readonly [weight: number, draw: Draw])[] = [
  [5, (random, shape, node) => ({ fault: crash(random, node), forMs: outage(random, shape) })],
  [4, (random, shape, node) => ({ fault: { kind: 'pause', node }, forMs: outage(random, shape) })],
  [6, partition],
  [2, (random, shape, node) => ({ fault: skew(random, node), forMs: 3 * outage(random, shape) })],
  [2, storm],
  [4, (random, shape, node) => ({ fault: disk(random, node), forMs: outage(random, shape) })],
  [3, () => ({ fault: { kind: 'transfer' }, forMs: 0 })],
  [3, (random) => ({ fault: { kind: 'grow', votes: random.chance(0.75) }, forMs: 0 })],
  [2, (random, _, node) => ({ fault: { kind: 'shrink', node, stops: random.chance(0.5) }, forMs: 0 })],
];

/** The faults of a run, in order of time: quiet ones and dense ones alike. */
export function planSteps(random: SeededRandom, shape: PlanShape): Step<RaftFault>[] {
  const count = random.integer(2, 16);
  const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);
  const drawn = Array.from({ length: count }, () => {
    const atMs = random.between(100, shape.safetyMs);
    let left = random.next() * weights;
    const [, draw] = kinds.find(([weight]) => (left -= weight) < 0) ?? kinds[0]!;
    return { atMs, ...draw(random, shape, anyNode(random, shape)) };
  });
  drawn.sort((a, b) => a.atMs - b.atMs);
  return drawn.map((step, number) => ({ number, ...step }));
}

export function describeStep({ number, atMs, forMs, fault }: Step<RaftFault>): string {
  const when = `#${number} at ${atMs.toFixed(0)} ms`;
  switch (fault.kind) {
    case 'transfer':
      return `${when}: the leader hands over`;
    case 'grow':
      return `${when}: a newcomer joins, ${fault.votes ? 'and is to vote' : 'to learn only'}`;
    case 'shrink':
      return `${when}: ${fault.node} is removed, and ${fault.stops ? 'stops' : 'runs on'}`;
    default:
      return `${when}, for ${forMs.toFixed(0)} ms: ${describeFault(fault)}`;
  }
}

/** The leader as often as not; else somebody, newcomers included. */
function anyNode(random: SeededRandom, { membersAtFirst }: PlanShape): string {
  return random.chance(0.45) ? 'leader' : `s${random.integer(1, membersAtFirst + 1)}`;
}

/** From much shorter than an election to several of them. */
function outage(random: SeededRandom, { electionMs }: PlanShape): number {
  return electionMs * (random.chance(0.3) ? random.between(0.1, 1) : random.between(1, 8));
}

function crash(random: SeededRandom, node: string): Fault {
  return { kind: 'crash', node, loses: random.chance(0.12) ? 'everything' : 'unsynced' };
}

function skew(random: SeededRandom, node: string): Fault {
  return { kind: 'skew', node, factor: random.pick([0.4, 0.7, 1.4, 2.5]) };
}

function disk(random: SeededRandom, node: string): Fault {
  return {
    kind: 'disk',
    node,
    condition: random.pick(['slow', 'stalled', 'stalled', 'full', 'failing'] as const),
  };
}

function partition(random: SeededRandom, shape: PlanShape): { fault: Fault; forMs: number } {
  const names = Array.from({ length: shape.membersAtFirst + 1 }, (_, index) => `s${index + 1}`);
  const size = random.integer(1, Math.max(1, Math.floor(shape.membersAtFirst / 2)));
  const some = random.shuffled(names).slice(0, size);
  const nodes = random.chance(0.5) ? ['leader', ...some.slice(1)] : some;
  const direction = random.pick(['both', 'both', 'in', 'out'] as const);
  return { fault: { kind: 'partition', nodes, direction }, forMs: outage(random, shape) };
}

function storm(random: SeededRandom, shape: PlanShape): { fault: Fault; forMs: number } {
  const quality = {
    lossChance: random.between(0, 0.4),
    duplicateChance: random.between(0, 0.3),
    reorderChance: random.between(0, 0.5),
    delayMsMin: 0.2,
    delayMsMax: random.between(5, 60),
    lateMsMax: random.between(50, 600),
  };
  return { fault: { kind: 'storm', quality }, forMs: 2 * outage(random, shape) };
}
