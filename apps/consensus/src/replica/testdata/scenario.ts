import { type Fault, type LinkQuality, SeededRandom, type Step } from '@nexus/testing';
import { type ImagePolicy } from '../image-writer.js';

export type Mishap =
  | Fault
  /** The leader is asked to hand over. */
  | { readonly kind: 'transfer' }
  /** Much is proposed at one moment. */
  | { readonly kind: 'burst' }
  /** A message cannot be handed over, for a reason that no replica knows. */
  | { readonly kind: 'unplug'; readonly node: string };

/** All that a seed decides beforehand. */
export interface Scenario {
  readonly seed: number;
  readonly faultsMs: number;
  readonly quality: LinkQuality;
  readonly flushMsMax: number;
  readonly turnDelayMsMax: number;
  readonly entriesRetained: number;
  readonly snapshotChunkBytes: number;
  readonly uncommittedBytesMax: number;
  readonly images: ImagePolicy;
  /** Proposals at one moment. */
  readonly burst: number;
  readonly steps: readonly Step<Mishap>[];
}

export const names = ['a.1', 'b.1', 'c.1'];
const faultsMs = 1_500;

export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed).fork('scenario');
  return {
    ...{ seed, faultsMs },
    quality: {
      lossChance: random.pick([0, 0.01, 0.05]),
      duplicateChance: random.pick([0, 0.05]),
      reorderChance: random.pick([0, 0.02, 0.1]),
      delayMsMin: 0.2,
      delayMsMax: random.pick([1, 5]),
      lateMsMax: random.pick([20, 200]),
    },
    flushMsMax: random.pick([1, 5, 20]),
    turnDelayMsMax: random.pick([0.5, 5, 15]),
    entriesRetained: random.pick([0, 0, 30]),
    snapshotChunkBytes: random.pick([1_000, 10_000]),
    uncommittedBytesMax: random.pick([5_000, 1_000_000]),
    images: { entries: random.pick([20, 60, 300]), bytes: 1_000_000 },
    burst: random.pick([5, 30, 150]),
    steps: stepsOf(random),
  };
}

function stepsOf(random: SeededRandom): Step<Mishap>[] {
  const steps: Omit<Step<Mishap>, 'number'>[] = [];
  for (let count = random.integer(4, 10); count > 0; count -= 1) {
    const atMs = random.between(300, faultsMs);
    steps.push({ atMs, forMs: random.between(20, 600), fault: mishapOf(random) });
    // Most mishaps matter only when they meet with much that is under way, here or on its way back.
    const aheadMs = random.between(0, random.pick([5, 30]));
    steps.push({ atMs: atMs - aheadMs, forMs: 0, fault: { kind: 'burst' } });
  }
  return steps.sort((a, b) => a.atMs - b.atMs).map((step, number) => ({ number, ...step }));
}

function mishapOf(random: SeededRandom): Mishap {
  const node = random.chance(0.5) ? 'leader' : random.pick(names);
  const draws: readonly (() => Mishap)[] = [
    () => ({ kind: 'crash', node, loses: 'unsynced' }),
    () => ({ kind: 'pause', node }),
    () => ({ kind: 'pause', node: 'leader' }),
    () => ({ kind: 'skew', node, factor: random.pick([0.5, 2]) }),
    () => ({ kind: 'partition', nodes: [node], direction: random.pick(['both', 'both', 'in', 'out']) }),
    () => ({ kind: 'disk', node, condition: random.pick(['slow', 'stalled', 'stalled', 'full', 'failing']) }),
    () => ({ kind: 'transfer' }),
    () => ({ kind: 'transfer' }),
    () => ({ kind: 'unplug', node }),
    () => ({ kind: 'storm', quality: stormOf(random) }),
  ];
  return random.pick(draws)();
}

const stormOf = (random: SeededRandom): LinkQuality => ({
  lossChance: random.between(0, 0.3),
  duplicateChance: random.between(0, 0.3),
  reorderChance: random.between(0, 0.5),
  delayMsMin: 0.2,
  delayMsMax: random.between(5, 40),
  lateMsMax: random.between(50, 400),
});
