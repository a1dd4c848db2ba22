import { type CausalStamp, type Frontiers as FrontiersOnWire } from '@nexus/contracts';
import { type Channel, type Frontier, type Frontiers, type Stamp } from '@nexus/core/causality';

/** A stamp as it came, which the contract's schema has admitted: names become keys of maps, and nothing more. */
export const stampFrom = ({ sender, broadcast, after }: CausalStamp): Stamp => ({
  sender,
  broadcast,
  after: frontiersFrom(after),
});

export const stampOnWire = ({ sender, broadcast, after }: Stamp): CausalStamp =>
  ({ sender, ...(broadcast && { broadcast }), after: frontiersOnWire(after) }) as CausalStamp;

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

/** The id in the name of a sender, `<id>.<life>`. */
export const idOfSender = (sender: string): string => sender.slice(0, Math.max(0, sender.lastIndexOf('.')));
