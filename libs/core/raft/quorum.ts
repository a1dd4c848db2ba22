/** The fewest of `voters` such that any two such groups share one. */
export const majorityOf = (voters: number): number => Math.floor(voters / 2) + 1;

/**
 * The largest value that a majority has reached, where each voter has reached its value and all below.
 * `values` is reordered: this runs for every batch of acknowledgements, and a copy each time would be waste.
 */
export function reachedByMajority(values: number[]): number {
  // Insertion sort, largest first: groups are small, and it needs no memory.
  for (let sorted = 1; sorted < values.length; sorted++) {
    const value = values[sorted]!;
    let place = sorted;
    while (place > 0 && values[place - 1]! < value) {
      values[place] = values[place - 1]!;
      place--;
    }
    values[place] = value;
  }
  return values[majorityOf(values.length) - 1] ?? 0;
}
