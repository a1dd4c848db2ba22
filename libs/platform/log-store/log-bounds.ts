import { type Write } from '@nexus/core/raft';
import { assert } from '@nexus/core/invariant';

/** Which indexes a log holds: `first` to `last`, none when `last` is `first - 1`. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** Where the log stands after a write. A write that leaves a gap, or overlaps, is a defect of its author. */
export function boundsAfter(
  bounds: Bounds,
  write: Pick<Write, 'compactTo' | 'truncateFrom' | 'append'>,
): Bounds {
  const { compactTo, truncateFrom, append } = write;
  let { first, last } = bounds;
  if (compactTo !== undefined && compactTo >= first) {
    first = compactTo + 1;
    last = Math.max(last, compactTo);
  }
  if (truncateFrom !== undefined && truncateFrom <= last) last = Math.max(truncateFrom - 1, first - 1);
  const head = append[0];
  if (head === undefined) return { first, last };
  // An empty log may start anywhere: the state before it came as a snapshot.
  if (last < first) first = head.index;
  else assert(head.index === last + 1, `entry ${head.index} follows ${last} in the log`);
  for (let n = 1; n < append.length; n++) {
    assert(append[n]!.index === head.index + n, 'entries of a write are consecutive');
  }
  return { first, last: head.index + append.length - 1 };
}
