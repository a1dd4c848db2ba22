import { type Channel, type Frontiers } from '@nexus/core/causality';

/** What fits into a stamp, and leaves room for a payload beside it. */
const channelsMax = 64;
const entriesMax = 4_096;

/** Which channels a stamp names when it cannot name all: those of which something was heard last. */
export class StampRoom {
  /** The longest unmentioned first. */
  private readonly mentioned = new Set<Channel>();

  mention(channel: Channel): void {
    this.mentioned.delete(channel);
    this.mentioned.add(channel);
  }

  /** @param first has its place in any case */
  fitting(frontiers: Frontiers, first?: Channel): Frontiers {
    this.forgetAllBut(frontiers);
    const fitting = new Map<Channel, ReadonlyMap<string, number>>();
    let entries = 0;
    const add = (channel: Channel) => {
      const frontier = frontiers.get(channel);
      if (frontier === undefined || fitting.size >= channelsMax || fitting.has(channel)) return;
      if (fitting.size > 0 && entries + frontier.size > entriesMax) return;
      entries += frontier.size;
      fitting.set(channel, frontier);
    };
    if (first !== undefined) add(first);
    for (const channel of [...this.mentioned].reverse()) add(channel);
    return fitting;
  }

  private forgetAllBut(frontiers: Frontiers): void {
    for (const channel of this.mentioned) if (!frontiers.has(channel)) this.mentioned.delete(channel);
  }
}
