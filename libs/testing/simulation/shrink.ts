/**
 * The fewest steps found that still fail: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
 * failure-inducing input", 2002), then ever smaller parts, down to single steps.
 * @param fails runs the steps anew; must answer the same for the same steps
 * @param runsMax after so many runs the best so far is the answer
 */
export function shrink<S>(
  steps: readonly S[],
  fails: (steps: readonly S[]) => boolean,
  runsMax: number,
): S[] {
  let kept = [...steps];
  let parts = 2;
  let runs = 0;
  while (kept.length > 0 && runs < runsMax) {
    const size = Math.ceil(kept.length / parts);
    let smaller: S[] | undefined;
    for (let start = 0; start < kept.length && runs < runsMax && !smaller; start += size) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      runs++;
      if (fails(rest)) smaller = rest;
    }
    if (smaller) {
      kept = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}
