import { type Frontier, type Stamp } from '@nexus/core/causality';
import { SeededRandom } from '@nexus/testing';

export const channel = 'group.bench';

/** A broadcast as it arrives; what is delivered is its place in the order in which all were sent. */
export interface Arrival {
  readonly stamp: Stamp;
  readonly place: number;
}

/** How many of the latest broadcasts a sender may not have seen yet. */
const lagMax = 8;
/** How many places a broadcast may arrive late. */
const disorderMax = 16;

/** Broadcasts of so many senders, who saw most of each other's, in an order in which a network may deliver them. */
export function scheduleOf(senders: number, broadcasts: number): Arrival[] {
  const random = new SeededRandom(1, `schedule of ${senders}`);
  const sent: { readonly sender: string; readonly sequence: number }[] = [];
  const sequences = new Map<string, number>();
  const arrivals = Array.from({ length: broadcasts }, (_, place) => {
    const sender = `coordinator-${random.integer(0, senders - 1)}.AbCdEf12`;
    const seen = new Map<string, number>();
    for (const each of sent.slice(0, Math.max(0, place - random.integer(0, lagMax))))
      seen.set(each.sender, each.sequence);
    const own = sequences.get(sender) ?? 0;
    if (own > 0) seen.set(sender, own);
    sequences.set(sender, own + 1);
    sent.push({ sender, sequence: own + 1 });
    return { stamp: stampOf(sender, own + 1, seen), place, due: place + random.between(0, disorderMax) };
  });
  return arrivals.sort((one, other) => one.due - other.due);
}

const stampOf = (sender: string, sequence: number, seen: Frontier): Stamp => ({
  ...{ sender, broadcast: { channel, sequence }, after: new Map([[channel, seen]]) },
});
