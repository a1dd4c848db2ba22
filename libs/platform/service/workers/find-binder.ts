import { spawnSync } from 'node:child_process';
import { type NumaNode } from './numa-nodes.js';
import { type Binder, prefixOf } from './placement.js';

const tryTimeoutMs = 2_000;
const binders: readonly Binder[] = ['numactl', 'taskset'];

/**
 * The first program that binds to every one of the nodes; undefined when none does. It is tried, not looked for: a
 * container may have it and not the right, or not all of the CPUs.
 */
export const findBinder = (nodes: readonly NumaNode[]): Binder | undefined =>
  binders.find((binder) => nodes.every((node) => works(prefixOf(binder, node))));

function works([command = '', ...args]: readonly string[]): boolean {
  const tried = spawnSync(command, [...args, process.execPath, '--version'], {
    timeout: tryTimeoutMs,
    stdio: 'ignore',
  });
  return tried.status === 0;
}
