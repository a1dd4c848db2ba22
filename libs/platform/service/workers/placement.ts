import { type NumaNode } from './numa-nodes.js';

/** Programs that bind another program to CPUs. `numactl` binds its memory too. */
export type Binder = 'numactl' | 'taskset';

/** Where workers run. */
export interface Placement {
  /** In words, for the log. */
  readonly summary: string;
  /** What to put before the command of each worker; empty where it runs anywhere. */
  readonly prefixes: readonly (readonly string[])[];
}

/**
 * Spreads workers over NUMA nodes: memory of another node is slower to reach, and a worker that stays on one node has
 * its own near. Worker i gets node i mod n. With one node all memory is equally near.
 * @param binder what the machine has; undefined when neither
 */
export function planPlacement(
  nodes: readonly NumaNode[],
  workers: number,
  binder: Binder | undefined,
): Placement {
  const anywhere = (summary: string): Placement => ({
    summary: `placement: ${summary}`,
    prefixes: Array.from({ length: workers }, () => []),
  });
  if (nodes.length === 0) return anywhere('the system shows no NUMA nodes, nothing to do');
  if (nodes.length === 1) return anywhere('one NUMA node, nothing to do');
  if (binder === undefined) {
    return anywhere(`${nodes.length} NUMA nodes, and neither numactl nor taskset to bind workers to them`);
  }
  return {
    summary: `placement: ${workers} workers on ${nodes.length} NUMA nodes by ${binder}`,
    prefixes: Array.from({ length: workers }, (_, index) => prefixOf(binder, nodes[index % nodes.length]!)),
  };
}

/** The command that runs another one on a node. */
export function prefixOf(binder: Binder, { id, cpuList }: NumaNode): readonly string[] {
  return binder === 'numactl'
    ? ['numactl', `--cpunodebind=${id}`, `--preferred=${id}`, '--']
    : ['taskset', '--cpu-list', cpuList];
}
