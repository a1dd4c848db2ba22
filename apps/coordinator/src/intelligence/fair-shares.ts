/**
 * Shares room out: who needs less than an equal part gets what it needs, and the others share the rest alike.
 * @param needs whole numbers
 * @returns a whole number for each, together at most `room`
 */
export function fairShares(needs: readonly number[], room: number): number[] {
  const shares = new Array<number>(needs.length).fill(0);
  const byNeed = needs.map((_, at) => at).sort((one, other) => needs[one]! - needs[other]!);
  let left = room;
  for (const [place, at] of byNeed.entries()) {
    const share = Math.min(needs[at]!, Math.floor(left / (byNeed.length - place)));
    shares[at] = share;
    left -= share;
  }
  return shares;
}
