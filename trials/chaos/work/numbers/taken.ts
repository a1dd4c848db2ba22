/** Numbers that were taken at once: the first, how many, and whether they were said to be nobody else's. */
export type Taken = readonly [first: number, count: number, shared: boolean];

export const numbersPrefix = 'numbers';
export const numbersSeries = 'group:workers';

export interface NumbersReport {
  readonly processes: number;
  readonly taken: number;
  /** How often the numbers changed hands, in their order: without that the processes did not meet. */
  readonly handovers: number;
  /** Numbers that two got, or one got twice. */
  readonly twice: number;
  /** Numbers that were not said to be nobody else's, though Redis was there. */
  readonly unshared: number;
  /** Of all numbers up to the last one: those that nobody got, left over in the last blocks. */
  readonly leftOut: number;
}

/** Holds against each other what several processes took. */
export function judgeNumbers(perProcess: readonly (readonly Taken[])[]): NumbersReport {
  const all = perProcess.flatMap((taken, by) =>
    taken.map(([first, count, shared]) => ({ first, count, shared, by })),
  );
  const total = (some: typeof all) => some.reduce((sum, { count }) => sum + count, 0);
  const shared = all.filter((each) => each.shared).sort((a, b) => a.first - b.first);
  const given = new Set<number>();
  for (const { first, count } of shared) for (let at = 0; at < count; at += 1) given.add(first + at);
  const last = shared.at(-1);
  return {
    processes: perProcess.length,
    taken: total(all),
    handovers: shared.filter(({ by }, at) => at > 0 && shared[at - 1]!.by !== by).length,
    twice: total(shared) - given.size,
    unshared: total(all) - total(shared),
    leftOut: last ? last.first + last.count - given.size : 0,
  };
}
