import { randomBytes } from 'node:crypto';
import {
  type CausalRepairRequest,
  type CausalStamp,
  type CausalSyncReply,
  type Channel,
  type Frontiers as FrontiersOnWire,
  limits,
  NexusError,
  parse,
  type Route,
  type Selector,
  type SenderFrontier,
  type SenderId,
  senderIdSchema,
} from '@nexus/contracts';
import {
  CausalSender,
  type Frontier,
  type Frontiers,
  Kept,
  type KeptRange,
  type Stamp,
} from '@nexus/core/causality';
import { frontiersFrom, frontiersOnWire, stampOnWire } from '@nexus/wire';
import { selectorOf } from './channel.js';
import { Claims } from './claims.js';
import { StampRoom } from './stamp-room.js';

export interface CausalBroadcastsOptions {
  /** By which others name this sender: the node id. */
  readonly nodeId: string;
  readonly fleet: { select(selector: Selector): readonly Pick<Route, 'agentId'>[] };
  /** Whether a sender is one of the fleet. */
  readonly isKnown: (name: string) => boolean;
  /** Whether it may be one all the same. */
  readonly isCredible: (name: string) => boolean;
  /** Counts what was said to have been seen, and is not believed. */
  readonly drops: { refusedCausal: number };
}

/** What is known; a stamp names as much of it as fits. */
const senderBounds = {
  sendersMax: limits.frontierEntriesMax,
  channelsMax: 1_024,
  ownChannelsMax: 65_536,
  aheadMax: 1_000_000,
  introducedMax: 1_000_000,
  beaconFirstMs: 250,
  beaconLastMs: 30_000,
  forgetAfterMs: 120_000,
};

/** Senders of one channel that answers may tell of; the others' places are for what callers ask for. */
const hearsaySendersMax = senderBounds.sendersMax / 2;

/** Of one channel; a minute is longer than any receiver goes on asking. */
const keptBounds = {
  channelsMax: 256,
  messagesMax: 1_024,
  bytesMax: 8 * 1024 * 1024,
  ageMsMax: 60_000,
  sendersMax: 1,
  receiversMax: 10_000,
};

/** A sender of which nothing was heard for two minutes leaves its place to another. */
const overloadedRetryMs = 10_000;

/** Channels in one message that tells of frontiers. */
const channelsPerMessageMax = 256;

/** What a reply needs around the broadcasts in it, in bytes. */
const envelopeBytes = 256;

/** This coordinator as one life of a sender of causal broadcasts: what it sent, and what it knows to have been sent. */
export class CausalBroadcasts {
  readonly self: SenderId;
  private readonly sender: CausalSender;
  /** Bodies as they were sent, JSON. */
  private readonly kept = new Kept<Uint8Array>(keptBounds);
  /** Channels of which somebody said since the last look what it has. */
  private readonly noted = new Set<Channel>();
  private readonly claims = new Claims();
  private readonly room = new StampRoom();

  constructor(private readonly options: CausalBroadcastsOptions) {
    const life = randomBytes(4).toString('hex');
    this.self = parse(senderIdSchema, `${options.nodeId}.${life}`, 'sender');
    this.sender = new CausalSender({ self: this.self, ...senderBounds });
  }

  /** What is known to have been sent, by whomever, as far as a message can tell; of this channel in any case. */
  frontiers(channel?: Channel): FrontiersOnWire {
    return frontiersOnWire(this.fitting(this.sender.frontiers, channel));
  }

  /**
   * A stamp as long as that of the next broadcast on the channel can be, which it does not use up.
   * @throws NexusError `overloaded` when there is no room for a further channel
   */
  longest(channel: Channel): CausalStamp {
    if (!this.sender.hasRoomFor(channel)) {
      throw new NexusError('overloaded', 'this coordinator has told too many different groups in order');
    }
    const { sender, after } = this.targeted(channel);
    const sequence = Number.MAX_SAFE_INTEGER;
    const own = { ...after[channel], [this.self]: sequence };
    return { sender, broadcast: { channel, sequence }, after: { ...after, [channel]: own } };
  }

  /** The place that `next` is to take, in this turn. */
  upcoming(channel: Channel): { readonly sender: SenderId; readonly sequence: number } {
    return { sender: this.self, sequence: this.sender.sequence(channel) + 1 };
  }

  /** Of the next broadcast on the channel, which is to be sent in this turn, and to be kept. */
  next(channel: Channel): Stamp {
    const stamp = this.sender.broadcast(channel, performance.now());
    const after = this.fitting(stamp.after, channel);
    // From here on there is something to name of it.
    this.room.mention(channel);
    return { ...stamp, after };
  }

  /** Of a message that stands in no sequence. */
  targeted(channel?: Channel): CausalStamp {
    const stamp = this.sender.targeted();
    return stampOnWire({ ...stamp, after: this.fitting(stamp.after, channel) });
  }

  /** Keeps a broadcast for those who will have missed it. */
  keep(stamp: Stamp, body: Uint8Array): void {
    this.kept.keep(stamp, body, { bytes: body.length, nowMs: performance.now() });
  }

  /** From now on everything that is sent comes after these, as far as somebody can have sent them. */
  observe(frontiers: FrontiersOnWire): void {
    const known = this.sender.frontiers;
    const frontier = [...this.believable(frontiers)].map(([channel, heard]) => {
      const before = known.get(channel);
      const fitting = withoutFurther(heard, before ?? new Map<SenderId, number>());
      this.options.drops.refusedCausal += heard.size - fitting.size;
      return [channel, fitting] as const;
    });
    this.take(new Map(frontier));
  }

  /**
   * As `observe`, of what a caller wants its next broadcast on the channel to come after.
   * @throws NexusError `overloaded` when there is no room to remember that: it could not be kept in order
   */
  demand(frontiers: FrontiersOnWire, channel: Channel): void {
    const { [channel]: wanted, ...others } = frontiers;
    if (wanted !== undefined && !this.take(this.believable({ [channel]: wanted }))) {
      throw new NexusError('overloaded', `this coordinator knows of too many senders on ${channel}`, {
        retryAfterMs: overloadedRetryMs,
      });
    }
    this.observe(others);
  }

  /** As `observe`, of an agent that has all of it: when all have a broadcast it need not be kept. */
  observeReceiver(agentId: string, frontiers: FrontiersOnWire): void {
    this.observe(frontiers);
    this.kept.note(agentId, frontiersFrom(frontiers));
    for (const channel of Object.keys(frontiers) as Channel[]) {
      if (this.sender.sequence(channel) > 0) this.noted.add(channel);
    }
  }

  /** What a sender says of itself: nobody can have seen more of it. What was sent is heard of by those who saw it. */
  observeSender({ sender, channels }: SenderFrontier): void {
    if (sender === this.self) return;
    if (!this.options.isKnown(sender)) {
      this.options.drops.refusedCausal += 1;
      return;
    }
    const nowMs = performance.now();
    for (const [channel, sequence] of Object.entries(channels).slice(0, channelsPerMessageMax)) {
      this.claims.said(sender, channel, { sequence, nowMs });
    }
  }

  /** Own broadcasts that somebody missed: as many as are kept, and fit. */
  repair({ sender, ...asked }: CausalRepairRequest, bytesMax: number): KeptRange<Uint8Array> {
    // What an earlier life sent is not to be had here: others are asked at once.
    if (sender !== this.self)
      return { messages: [], keptFrom: Math.min(asked.to + 1, Number.MAX_SAFE_INTEGER) };
    // Of what is kept, one message is given however small the room is.
    if (bytesMax <= envelopeBytes) return { messages: [], keptFrom: undefined };
    const bounds = { countMax: limits.repairMessagesMax, bytesMax: bytesMax - envelopeBytes };
    return this.kept.range({ sender, ...asked, ...bounds }, performance.now());
  }

  /** For who begins to listen to these channels. Also that nothing was sent is worth an answer: it is waited for. */
  standing(channels: readonly Channel[]): CausalSyncReply {
    const known = this.claims.settled(this.sender.frontiers);
    const standing = channels.flatMap((channel) => {
      const frontier = new Map(known.get(channel));
      const sequence = this.sender.sequence(channel);
      // A channel that nothing was sent on for long is in no stamp any more, and stands where it stood.
      if (sequence > 0) frontier.set(this.self, sequence);
      return frontier.size === 0 ? [] : [[channel, frontier] as const];
    });
    return { sender: this.self, frontiers: frontiersOnWire(new Map(standing)) };
  }

  /** How far this sender has come, where that is to be told now. */
  frontiersDue(): SenderFrontier[] {
    const nowMs = performance.now();
    this.letGo(nowMs);
    const due = this.sender.beaconDueAtMs;
    if (due === undefined || due > nowMs) return [];
    return this.inMessages([...this.sender.takeBeacons(nowMs)]);
  }

  /** The same for a sender that ends: on every channel that it told anything on lately. */
  lastFrontiers(): SenderFrontier[] {
    return this.inMessages(
      [...this.sender.frontiers.keys()].flatMap((channel) => {
        const sequence = this.sender.sequence(channel);
        return sequence === 0 ? [] : [[channel, sequence] as const];
      }),
    );
  }

  private inMessages(sequences: readonly (readonly [string, number])[]): SenderFrontier[] {
    const messages: SenderFrontier[] = [];
    for (let from = 0; from < sequences.length; from += channelsPerMessageMax) {
      const channels = Object.fromEntries(sequences.slice(from, from + channelsPerMessageMax));
      messages.push({ sender: this.self, channels });
    }
    return messages;
  }

  /** Lets go what all who should have it have, and what is too old. */
  private letGo(nowMs: number): void {
    for (const channel of this.noted) {
      const receivers = this.options.fleet.select(selectorOf(channel)).map(({ agentId }) => agentId);
      this.kept.pruneStable(channel, receivers);
    }
    this.noted.clear();
    this.kept.expire(nowMs);
  }

  /** @returns whether there was room for all of it */
  private take(frontiers: Frontiers): boolean {
    const nowMs = performance.now();
    const refused = this.sender.observe(frontiers, { nowMs });
    for (const channel of frontiers.keys()) this.room.mention(channel);
    for (const count of refused.values()) this.options.drops.refusedCausal += count;
    return !refused.has('too_many_senders') && !refused.has('too_many_channels');
  }

  private fitting(frontiers: Frontiers, first: Channel | undefined): Frontiers {
    return this.claims.settled(this.room.fitting(frontiers, first));
  }

  /** Without senders that cannot be, channels that nobody belongs to, and more than a sender says of itself. */
  private believable(frontiers: FrontiersOnWire): Map<Channel, Map<SenderId, number>> {
    const { fleet, isCredible, drops } = this.options;
    const nowMs = performance.now();
    const known = this.sender.frontiers;
    const believable = new Map<Channel, Map<SenderId, number>>();
    for (const [name, frontier] of Object.entries(frontiers)) {
      const channel = name as Channel;
      const entries = Object.entries(frontier) as [SenderId, number][];
      const exists = known.has(channel) || fleet.select(selectorOf(channel)).length > 0;
      const credible = exists ? entries.filter(([sender]) => isCredible(sender)) : [];
      drops.refusedCausal += entries.length - credible.length;
      const believed = credible.map(([sender, sequence]) => {
        const most =
          sender === this.self ? sequence : this.claims.heard(sender, channel, { sequence, nowMs });
        if (most < sequence) drops.refusedCausal += 1;
        return [sender, most] as const;
      });
      if (believed.length > 0) believable.set(channel, new Map(believed));
    }
    return believable;
  }
}

/** Who is not known yet only while there are places for what is merely heard. */
function withoutFurther(heard: Frontier, known: Frontier): Frontier {
  let places = hearsaySendersMax - known.size;
  return new Map(
    [...heard].filter(([sender]) => {
      if (known.has(sender)) return true;
      places -= 1;
      return places >= 0;
    }),
  );
}
