import { type CausalStamp, type Frontiers as FrontiersOnWire } from '@nexus/contracts';
import { type Channel, type Frontier, type Frontiers, type Stamp } from '@nexus/core/causality';

/** A stamp as it came, which the contract's schema has admitted. */
export const stampFrom = ({ sender, broadcast, after }: CausalStamp): Stamp => ({
  sender,
  broadcast,
  after: frontiersFrom(after),
});

export const stampOnWire = ({ sender, broadcast, after }: Stamp): CausalStamp =>
  ({ sender, ...(broadcast && { broadcast }), after: frontiersOnWire(after) }) as CausalStamp;

/** Frontiers as they came, which the contract's schema has admitted: names become keys of maps, and nothing more. */
export function frontiersFrom(frontiers: FrontiersOnWire): Frontiers {
  const read = new Map<Channel, Frontier>();
  for (const [channel, frontier] of Object.entries(frontiers)) {
    read.set(channel, new Map(Object.entries(frontier)));
  }
  return read;
}

export function frontiersOnWire(frontiers: Frontiers): FrontiersOnWire {
  const written = [...frontiers].map(([channel, frontier]) => [channel, Object.fromEntries(frontier)]);
  return Object.fromEntries(written) as FrontiersOnWire;
}
