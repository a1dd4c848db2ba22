import { limits } from '@nexus/contracts';
import { type Channel, type Frontier, type Frontiers, type SenderId } from '@nexus/core/causality';

/** The further of two frontiers, sender by sender; where there are too many senders, those of the later one stay. */
export function furthest(earlier: Frontiers | undefined, later: Frontiers): Frontiers {
  if (earlier === undefined) return later;
  const all = new Map<Channel, Frontier>(earlier);
  for (const [channel, frontier] of later) all.set(channel, merged(earlier.get(channel), frontier));
  return all;
}

function merged(earlier: Frontier | undefined, later: Frontier): Frontier {
  const further = new Map<SenderId, number>(later);
  for (const [sender, sequence] of earlier ?? []) {
    const known = further.get(sender);
    const hasRoom = known !== undefined || further.size < limits.frontierEntriesMax;
    if (hasRoom && sequence > (known ?? 0)) further.set(sender, sequence);
  }
  return further;
}
