const cpusMax = 4_096;

/**
 * Reads a list of CPUs as Linux writes it, `0-3,8-11`; undefined when it is none.
 * @see https://docs.kernel.org/admin-guide/cputopology.html
 */
export function parseCpuList(text: string): readonly number[] | undefined {
  const cpus: number[] = [];
  // A node may have memory and no CPU.
  if (text.trim() === '') return cpus;
  for (const range of text.trim().split(',')) {
    const [, first, last] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range) ?? [];
    if (first === undefined) return undefined;
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from || to >= cpusMax) return undefined;
    for (let cpu = from; cpu <= to; cpu += 1) cpus.push(cpu);
  }
  return cpus;
}
