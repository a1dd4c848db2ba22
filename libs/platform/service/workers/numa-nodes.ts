import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCpuList } from './cpu-list.js';

/** Where Linux shows its NUMA nodes. */
export const nodesRoot = '/sys/devices/system/node';

/** CPUs that share the nearest memory. */
export interface NumaNode {
  readonly id: number;
  /** As the kernel writes them, `0-3,8-11`. */
  readonly cpuList: string;
}

/** The NUMA nodes with CPUs, by number; none where the system shows none, as on anything but Linux. */
export async function readNumaNodes(root: string = nodesRoot): Promise<readonly NumaNode[]> {
  const entries = await readdir(root).catch(() => []);
  const ids = entries.flatMap((entry) => /^node(\d{1,4})$/.exec(entry)?.[1] ?? []).map(Number);
  const nodes = await Promise.all(ids.sort((a, b) => a - b).map((id) => readNode(root, id)));
  return nodes.filter((node) => node !== undefined);
}

async function readNode(root: string, id: number): Promise<NumaNode | undefined> {
  const text = await readFile(join(root, `node${id}`, 'cpulist'), 'utf8').catch(() => '');
  const cpus = parseCpuList(text);
  return cpus === undefined || cpus.length === 0 ? undefined : { id, cpuList: text.trim() };
}
