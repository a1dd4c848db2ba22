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
  type SenderFrontier,
  type SenderId,
  senderIdSchema,
} from '@nexus/contracts';
import { CausalSender, Kept, type KeptRange, type Stamp } from '@nexus/core/causality';
import { type Fleet } from '../fleet/fleet.js';
import { selectorOf } from './channel.js';
import { frontiersFrom, frontiersOnWire, stampOnWire } from './wire-stamp.js';

export interface CausalBroadcastsOptions {
  /** By which others name this sender: the node id. */
  readonly nodeId: string;
  readonly fleet: Pick<Fleet, 'select'>;
  /** Whether a sender can be one of the fleet. */
  readonly isCredible: (name: string) => boolean;
  /** Counts what was said to have been seen, and is not believed. */
  readonly drops: { refusedCausal: number };
}

/** So many senders on so many channels fit into a stamp, and leave room for a payload beside them. */
const stampBounds = { sendersMax: 256, channelsMax: 32 };

const senderBounds = {
  ...stampBounds,
  ownChannelsMax: 65_536,
  aheadMax: 1_000_000,
  introducedMax: 1_000_000,
  beaconFirstMs: 250,
  beaconLastMs: 30_000,
  forgetAfterMs: 120_000,
};

/** Of one channel; a minute is longer than any receiver goes on asking. */
const keptBounds = {
  channelsMax: 256,
  messagesMax: 1_024,
  bytesMax: 8 * 1024 * 1024,
  ageMsMax: 60_000,
  sendersMax: 1,
  receiversMax: 10_000,
};

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

  constructor(private readonly options: CausalBroadcastsOptions) {
    const life = randomBytes(4).toString('hex');
    this.self = parse(senderIdSchema, `${options.nodeId}.${life}`, 'sender');
    this.sender = new CausalSender({ self: this.self, ...senderBounds });
  }

  /** What is known to have been sent, by whomever. */
  get frontiers(): FrontiersOnWire {
    return frontiersOnWire(this.sender.frontiers);
  }

  /**
   * A stamp as long as that of the next broadcast on the channel can be, which it does not use up.
   * @throws NexusError `overloaded` when there is no room for a further channel
   */
  longest(channel: Channel): CausalStamp {
    if (!this.sender.hasRoomFor(channel)) {
      throw new NexusError('overloaded', 'this coordinator has told too many different groups in order');
    }
    const { sender, after } = stampOnWire(this.sender.targeted());
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
    return this.sender.broadcast(channel, performance.now());
  }

  /** Of a message that stands in no sequence. */
  targeted(): CausalStamp {
    return stampOnWire(this.sender.targeted());
  }

  /** Keeps a broadcast for those who will have missed it. */
  keep(stamp: Stamp, body: Uint8Array): void {
    this.kept.keep(stamp, body, { bytes: body.length, nowMs: performance.now() });
  }

  /** From now on everything that is sent comes after these, as far as somebody can have sent them. */
  observe(frontiers: FrontiersOnWire): void {
    const believable = frontiersFrom(this.believable(frontiers));
    const refused = this.sender.observe(believable, { nowMs: performance.now() });
    for (const count of refused.values()) this.options.drops.refusedCausal += count;
  }

  /** As `observe`, of an agent that has all of it: when all have a broadcast it need not be kept. */
  observeReceiver(agentId: string, frontiers: FrontiersOnWire): void {
    this.observe(frontiers);
    this.kept.note(agentId, frontiersFrom(frontiers));
    for (const channel of Object.keys(frontiers) as Channel[]) {
      if (this.sender.sequence(channel) > 0) this.noted.add(channel);
    }
  }

  /** What a sender says of itself: more than that nobody can have seen of it. */
  observeSender({ sender, channels }: SenderFrontier): void {
    if (sender === this.self) return;
    const said = Object.entries(channels).slice(0, channelsPerMessageMax);
    const frontiers = this.believable(
      Object.fromEntries(said.map(([channel, sequence]) => [channel, { [sender]: sequence }])),
    );
    const refused = this.sender.observe(frontiersFrom(frontiers), { nowMs: performance.now(), by: sender });
    for (const count of refused.values()) this.options.drops.refusedCausal += count;
  }

  /** Own broadcasts that somebody missed: as many as are kept, and fit. */
  repair({ sender, ...asked }: CausalRepairRequest, bytesMax: number): KeptRange<Uint8Array> {
    if (sender !== this.self) return { messages: [], keptFrom: undefined };
    const bounds = { countMax: limits.repairMessagesMax, bytesMax: bytesMax - envelopeBytes };
    return this.kept.range({ sender, ...asked, ...bounds }, performance.now());
  }

  /** For who begins to listen to these channels; undefined when nothing is known of them. */
  standing(channels: readonly Channel[]): CausalSyncReply | undefined {
    const known = this.sender.frontiers;
    const standing = channels.flatMap((channel) => {
      const frontier = new Map(known.get(channel));
      const sequence = this.sender.sequence(channel);
      // A channel that nothing was sent on for long is in no stamp any more, and stands where it stood.
      if (sequence > 0) frontier.set(this.self, sequence);
      return frontier.size === 0 ? [] : [[channel, frontier] as const];
    });
    if (standing.length === 0) return undefined;
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

  /** Without senders that cannot be, and channels that nobody belongs to. */
  private believable(frontiers: FrontiersOnWire): FrontiersOnWire {
    const { fleet, isCredible, drops } = this.options;
    const known = this.sender.frontiers;
    const believable: [string, FrontiersOnWire[Channel]][] = [];
    for (const [name, frontier] of Object.entries(frontiers)) {
      const channel = name as Channel;
      const entries = Object.entries(frontier);
      const exists = known.has(channel) || fleet.select(selectorOf(channel)).length > 0;
      const credible = exists ? entries.filter(([sender]) => isCredible(sender)) : [];
      drops.refusedCausal += entries.length - credible.length;
      if (credible.length > 0) believable.push([channel, Object.fromEntries(credible)]);
    }
    return Object.fromEntries(believable);
  }
}
