import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCpuList } from './cpu-list.js';
import { type NumaNode, readNumaNodes } from './numa-nodes.js';
import { planPlacement } from './placement.js';
import { workersFor } from './worker-count.js';

const roots: string[] = [];

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true })));
});

/** A folder as `/sys/devices/system/node` is one. */
async function sysfs(cpuLists: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'nexus-numa-'));
  roots.push(root);
  for (const [name, cpuList] of Object.entries(cpuLists)) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'cpulist'), `${cpuList}\n`);
  }
  return root;
}

/** Writes CPUs as the kernel does. */
function render(cpus: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const cpu of cpus) {
    const last = ranges.at(-1);
    if (last?.[1] === cpu - 1) last[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

describe('parseCpuList', () => {
  it('reads what the kernel writes', () => {
    expect(parseCpuList('0-3,8-11\n')).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(4_095), { maxLength: 64 }), (cpus) => {
        const sorted = cpus.sort((a, b) => a - b);
        expect(parseCpuList(render(sorted))).toEqual(sorted);
      }),
    );
  });

  it.each(['a', '3-1', '1,', '-1', '0-99999', '1;2'])('reads nothing from %j', (text) => {
    expect(parseCpuList(text)).toBeUndefined();
  });
});

describe('readNumaNodes', () => {
  it('gives the nodes that have CPUs, in order of their numbers', async () => {
    const root = await sysfs({ node10: '8-11', node2: '0-3', node3: '', online: '', node4: 'damaged' });
    expect(await readNumaNodes(root)).toEqual([
      { id: 2, cpuList: '0-3' },
      { id: 10, cpuList: '8-11' },
    ]);
  });

  it('gives none where there is no such folder', async () => {
    expect(await readNumaNodes('/no/such/folder')).toEqual([]);
  });
});

const two: readonly NumaNode[] = [
  { id: 0, cpuList: '0-3,8-11' },
  { id: 1, cpuList: '4-7,12-15' },
];

describe('planPlacement', () => {
  it('puts worker i on node i mod n, its memory too where numactl is there', () => {
    const { prefixes, summary } = planPlacement(two, 3, 'numactl');
    expect(prefixes.map(([command, bind]) => [command, bind])).toEqual([
      ['numactl', '--cpunodebind=0'],
      ['numactl', '--cpunodebind=1'],
      ['numactl', '--cpunodebind=0'],
    ]);
    expect(summary).toBe('placement: 3 workers on 2 NUMA nodes by numactl');
  });

  it('binds by taskset to the CPUs of the node', () => {
    expect(planPlacement(two, 2, 'taskset').prefixes).toEqual([
      ['taskset', '--cpu-list', '0-3,8-11'],
      ['taskset', '--cpu-list', '4-7,12-15'],
    ]);
  });

  it.each([
    [two.slice(0, 1), 'numactl' as const, 'placement: one NUMA node, nothing to do'],
    [[], 'numactl' as const, 'placement: the system shows no NUMA nodes, nothing to do'],
    [two, undefined, 'placement: 2 NUMA nodes, and neither numactl nor taskset to bind workers to them'],
  ])('says why it does nothing', (nodes, binder, summary) => {
    expect(planPlacement(nodes, 2, binder)).toEqual({ summary, prefixes: [[], []] });
  });
});

describe('workersFor', () => {
  it('leaves one core to others, and takes the number that it is told', () => {
    expect([1, 2, 8].map((cores) => workersFor('auto', cores))).toEqual([1, 1, 7]);
    expect(workersFor(3, 1)).toBe(3);
  });
});
