import { describeFault, type Fault, type Step } from '../fault.js';
import { type SeededRandom } from '../seeded-random.js';

/** What nobody should believe. */
export const lies = [
  'comes after what was never sent',
  'you have sent more than you did',
  'others have sent millions',
] as const;
export type Lie = (typeof lies)[number];

export type CausalityFault =
  | Exclude<Fault, { readonly kind: 'disk' }>
  /** A newcomer begins to listen. */
  | { readonly kind: 'join'; readonly node: string }
  /** It broadcasts to all but one, and is gone for good. */
  | { readonly kind: 'last_words'; readonly node: string; readonly unheardBy: string }
  | { readonly kind: 'lie'; readonly node: string; readonly lie: Lie };

interface PlanShape {
  readonly names: readonly string[];
  readonly newcomers: readonly string[];
  readonly troubleMs: number;
}

interface Drawn {
  readonly fault: CausalityFault;
  readonly forMs: number;
}

type Draw = (random: SeededRandom, shape: PlanShape, node: string) => Drawn;

/** Each kind as often as its weight says. */
const kinds: readonly (readonly [weight: number, draw: Draw])[] = [
  [5, (random, _, node) => ({ fault: crash(random, node), forMs: outage(random) })],
  [3, (random, _, node) => ({ fault: { kind: 'pause', node }, forMs: outage(random) })],
  [4, (random, shape) => ({ fault: partition(random, shape), forMs: outage(random) })],
  [2, (random) => ({ fault: storm(random), forMs: outage(random) })],
  [2, (random, shape, node) => ({ fault: lastWords(random, shape, node), forMs: 0 })],
  [3, (random, _, node) => ({ fault: { kind: 'lie', node, lie: random.pick(lies) }, forMs: 0 })],
];

/** The faults of a run, in order of time. Every newcomer joins at some time. */
export function planSteps(random: SeededRandom, shape: PlanShape): Step<CausalityFault>[] {
  const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);
  const drawn = Array.from({ length: random.integer(0, 8) }, () => {
    let left = random.next() * weights;
    const [, draw] = kinds.find(([weight]) => (left -= weight) < 0) ?? kinds[0]!;
    return { atMs: random.between(300, shape.troubleMs), ...draw(random, shape, random.pick(shape.names)) };
  });
  const joins = shape.newcomers.map((node) => ({
    atMs: random.between(500, shape.troubleMs),
    fault: { kind: 'join', node } as const,
    forMs: 0,
  }));
  return [...drawn, ...joins].sort((a, b) => a.atMs - b.atMs).map((step, number) => ({ number, ...step }));
}

export function describeStep({ number, atMs, forMs, fault }: Step<CausalityFault>): string {
  const when = `#${number} at ${atMs.toFixed(0)} ms`;
  if (fault.kind === 'join') return `${when}: ${fault.node} begins to listen`;
  if (fault.kind === 'last_words')
    return `${when}: ${fault.node} broadcasts a last time, unheard by ${fault.unheardBy}`;
  if (fault.kind === 'lie') return `${when}: ${fault.node} is told: ${fault.lie}`;
  return `${when}, for ${forMs.toFixed(0)} ms: ${describeFault(fault)}`;
}

const outage = (random: SeededRandom): number =>
  random.pick([random.between(20, 200), random.between(200, 2_000), random.between(1_000, 6_000)]);

const crash = (random: SeededRandom, node: string): CausalityFault => ({
  ...{ kind: 'crash', node, loses: random.chance(0.2) ? 'everything' : 'unsynced' },
});

const lastWords = (random: SeededRandom, { names }: PlanShape, node: string): CausalityFault => ({
  ...{ kind: 'last_words', node, unheardBy: random.pick(names) },
});

function partition(random: SeededRandom, { names }: PlanShape): CausalityFault {
  const nodes = random.shuffled(names).slice(0, random.integer(1, Math.floor(names.length / 2)));
  return { kind: 'partition', nodes, direction: random.pick(['both', 'in', 'out'] as const) };
}

function storm(random: SeededRandom): CausalityFault {
  const quality = {
    lossChance: random.between(0.2, 0.8),
    duplicateChance: random.between(0, 0.4),
    reorderChance: random.between(0, 0.6),
    delayMsMin: 0.2,
    delayMsMax: random.between(5, 80),
    lateMsMax: random.between(100, 1_500),
  };
  return { kind: 'storm', quality };
}
