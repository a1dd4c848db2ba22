import { assertNever } from '@nexus/core/invariant';
import { type Coverage } from './coverage.js';
import { type Fault } from './fault.js';
import { once } from './once.js';
import { type DiskCondition } from './simulated-disk.js';
import { type SimulatedNetwork } from './simulated-network.js';

/** The nodes that faults befall. Each function returns what ends the fault. */
export interface FaultyNodes {
  readonly names: () => readonly string[];
  /** Who plays a part at this moment; a name stands for itself. Undefined: nobody does. */
  readonly resolve: (node: string) => string | undefined;
  readonly crash: (name: string, loses: 'unsynced' | 'everything') => () => void;
  readonly pause: (name: string) => () => void;
  readonly skew: (name: string, factor: number) => () => void;
  readonly suffer: (name: string, condition: DiskCondition) => () => void;
}

interface FaultInjectorOptions {
  readonly network: Pick<SimulatedNetwork<unknown>, 'cut' | 'degrade'>;
  readonly nodes: FaultyNodes;
  readonly coverage: Coverage;
}

const nothing = () => undefined;

/** Makes faults happen, and ends them. */
export class FaultInjector {
  constructor(private readonly options: FaultInjectorOptions) {}

  /** @returns what ends it; may be called more than once */
  begin(fault: Fault): () => void {
    const { network, nodes, coverage } = this.options;
    if (fault.kind === 'storm') {
      coverage.count('fault: storm');
      return network.degrade(fault.quality);
    }
    if (fault.kind === 'partition') return this.partition(fault.nodes, fault.direction);
    const name = nodes.resolve(fault.node);
    if (name === undefined) return nothing;
    coverage.count(`fault: ${fault.kind}${fault.kind === 'disk' ? ` ${fault.condition}` : ''}`);
    switch (fault.kind) {
      case 'crash':
        return once(nodes.crash(name, fault.loses));
      case 'pause':
        return once(nodes.pause(name));
      case 'skew':
        return once(nodes.skew(name, fault.factor));
      case 'disk':
        return once(nodes.suffer(name, fault.condition));
      default:
        return assertNever(fault);
    }
  }

  private partition(described: readonly string[], direction: 'both' | 'in' | 'out'): () => void {
    const { network, nodes, coverage } = this.options;
    const inside = new Set(described.map((node) => nodes.resolve(node)));
    const outside = nodes.names().filter((name) => !inside.has(name));
    const ends: (() => void)[] = [];
    for (const name of inside) {
      if (name === undefined) continue;
      for (const other of outside) {
        if (direction !== 'in') ends.push(network.cut({ from: name, to: other }));
        if (direction !== 'out') ends.push(network.cut({ from: other, to: name }));
      }
    }
    if (ends.length > 0) coverage.count(`fault: partition ${direction}`);
    return () => ends.forEach((end) => end());
  }
}
