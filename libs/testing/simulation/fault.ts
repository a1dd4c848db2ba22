import { assertNever } from '@nexus/core/invariant';
import { type DiskCondition } from './simulated-disk.js';
import { type LinkQuality } from './simulated-network.js';

/**
 * What goes wrong. A node is named, or described by a part that it plays (`leader`), which is looked up when the fault
 * begins: most faults matter only when they meet who matters.
 */
export type Fault =
  | { readonly kind: 'crash'; readonly node: string; readonly loses: 'unsynced' | 'everything' }
  | { readonly kind: 'pause'; readonly node: string }
  | { readonly kind: 'skew'; readonly node: string; readonly factor: number }
  | {
      readonly kind: 'partition';
      /** These on one side, all others on the other. */
      readonly nodes: readonly string[];
      /** What is cut: both ways, or only what goes in, or out. */
      readonly direction: 'both' | 'in' | 'out';
    }
  | { readonly kind: 'storm'; readonly quality: LinkQuality }
  | { readonly kind: 'disk'; readonly node: string; readonly condition: DiskCondition };

/** One fault, or deed, of a schedule. A schedule is plain data, so that it can be printed, cut down and run again. */
export interface Step<F = Fault> {
  /** Its place in the schedule as it was made from the seed; it keeps it when others are left out. */
  readonly number: number;
  readonly atMs: number;
  readonly forMs: number;
  readonly fault: F;
}

/** One line, for people. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return `${fault.node} crashes and loses ${fault.loses === 'unsynced' ? 'what it had not flushed' : 'its disk'}`;
    case 'pause':
      return `${fault.node} is paused`;
    case 'skew':
      return `the clock of ${fault.node} runs ${fault.factor.toFixed(2)} times as fast`;
    case 'partition':
      return `${fault.nodes.join(', ')} cut off (${fault.direction === 'both' ? 'both ways' : `${fault.direction}going only`})`;
    case 'storm': {
      const { lossChance, duplicateChance, reorderChance, delayMsMax } = fault.quality;
      const percent = (chance: number) => `${Math.round(chance * 100)} %`;
      return `the network loses ${percent(lossChance)}, duplicates ${percent(duplicateChance)}, reorders ${percent(reorderChance)}, delays up to ${delayMsMax.toFixed(0)} ms`;
    }
    case 'disk':
      return `the disk of ${fault.node} is ${fault.condition}`;
    default:
      return assertNever(fault);
  }
}
