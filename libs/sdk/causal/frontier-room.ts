import { limits } from '@nexus/contracts';
import { type Channel, type Frontier, type Frontiers, type SenderId } from '@nexus/core/causality';

/** Entries of frontiers, over all channels together. */
export interface RoomBounds {
  readonly entriesMax: number;
  /** On channels that the agent does not belong to: they are carried on to those who do, and order nothing here. */
  readonly elsewhereMax: number;
  /** On its own channels, of senders that were never heard here: others alone speak of them. */
  readonly strangersMax: number;
}

/** What an agent takes from one message, and what its own stamps name, whoever says it. */
export const roomBounds: RoomBounds = { entriesMax: 1_024, elsewhereMax: 256, strangersMax: 256 };

export interface Room {
  /** What is there already: it has its room. */
  readonly known: Frontiers;
  /** What the agent has delivered, of all channels that it belongs to and of no other. */
  readonly heard: () => Frontiers;
  /** Whose word it is: on the agent's channels it is no stranger. */
  readonly by?: SenderId | undefined;
  readonly bounds?: RoomBounds | undefined;
}

export interface Fitting {
  readonly frontiers: Frontiers;
  /** Entries for which there is no room. */
  readonly refused: number;
}

const nothing: Frontiers = new Map();

/**
 * What there is room for of what somebody said: the agent's own channels first, and of each the speaker's own word. One
 * walk over the entries, so that whatever comes after it is bounded by what fits and not by what was said.
 */
export function fitting(said: Frontiers, room: Room): Fitting {
  const { bounds = roomBounds, known } = room;
  if (known.size === 0 && fitsWhole(said, room, bounds)) return { frontiers: said, refused: 0 };
  return new Fitter(room, bounds).fit(said);
}

/** What one message may say, of which nothing is known yet. */
export const fittingAlone = (said: Frontiers, { heard, by, bounds }: Omit<Room, 'known'>): Fitting =>
  fitting(said, { known: nothing, heard, by, bounds });

/** Most messages say little. Whatever is said of whom, so few entries and channels have their place. */
function fitsWhole(said: Frontiers, { heard }: Room, bounds: RoomBounds): boolean {
  const { entriesMax, elsewhereMax, strangersMax } = bounds;
  let entries = 0;
  for (const { size } of said.values()) entries += size;
  if (entries > Math.min(entriesMax, elsewhereMax, strangersMax)) return false;
  // One channel always has its place.
  return said.size <= 1 || said.size <= limits.frontierChannelsMax - heard().size;
}

class Fitter {
  private readonly heard: Frontiers;
  private readonly taken = new Map<Channel, Map<SenderId, number>>();
  private readonly channelsElsewhere = new Set<Channel>();
  private entries = 0;
  private elsewhere = 0;
  private strangers = 0;
  private refused = 0;

  constructor(
    private readonly room: Room,
    private readonly bounds: RoomBounds,
  ) {
    this.heard = room.heard();
    for (const [channel, frontier] of room.known) {
      for (const sender of frontier.keys()) this.count(channel, sender);
    }
  }

  fit(said: Frontiers): Fitting {
    const { by } = this.room;
    const here = [...said].filter(([channel]) => this.heard.has(channel));
    const elsewhere = [...said].filter(([channel]) => !this.heard.has(channel));
    for (const [channel, frontier] of [...here, ...elsewhere]) {
      const own = by === undefined ? undefined : frontier.get(by);
      if (by !== undefined && own !== undefined) this.take(channel, by, own);
      for (const [sender, sequence] of frontier) if (sender !== by) this.take(channel, sender, sequence);
    }
    return { frontiers: this.taken, refused: this.refused };
  }

  private take(channel: Channel, sender: SenderId, sequence: number): void {
    const isKnown = this.room.known.get(channel)?.has(sender) ?? false;
    if (!isKnown && !this.hasRoomFor(channel, sender)) {
      this.refused += 1;
      return;
    }
    if (!isKnown) this.count(channel, sender);
    const frontier = this.taken.get(channel) ?? new Map<SenderId, number>();
    this.taken.set(channel, frontier.set(sender, sequence));
  }

  private hasRoomFor(channel: Channel, sender: SenderId): boolean {
    const { entriesMax, elsewhereMax, strangersMax } = this.bounds;
    if (this.entries >= entriesMax) return false;
    const here = this.heard.get(channel);
    if (here !== undefined) return !this.isStranger(here, sender) || this.strangers < strangersMax;
    // The agent's own channels always have their places among those that one message may name.
    const isFurther = !this.channelsElsewhere.has(channel);
    if (isFurther && this.channelsElsewhere.size >= limits.frontierChannelsMax - this.heard.size)
      return false;
    return this.elsewhere < elsewhereMax;
  }

  private count(channel: Channel, sender: SenderId): void {
    const here = this.heard.get(channel);
    this.entries += 1;
    if (here === undefined) {
      this.elsewhere += 1;
      this.channelsElsewhere.add(channel);
    } else if (this.isStranger(here, sender)) this.strangers += 1;
  }

  private isStranger(here: Frontier, sender: SenderId): boolean {
    return sender !== this.room.by && !here.has(sender);
  }
}
