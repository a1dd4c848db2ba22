import {
  type CausalSyncReply,
  type Channel as ChannelName,
  type Clock,
  type Frontiers as FrontiersOnWire,
  limits,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import {
  CausalSender,
  type Channel,
  type Frontiers,
  idOfSender,
  type SenderId,
  type Stamp,
} from '@nexus/core/causality';
import { type Connection, encodeBody, frontiersOnWire } from '@nexus/wire';
import { type AgentStats } from '../agent/agent-events.js';
import { type AgentClock } from './agent-clock.js';
import { type BroadcastStore, keep } from './broadcast-store.js';
import { fitting } from './frontier-room.js';
import { type RepairDesk } from './repair-desk.js';
import { type SyncDesk } from './sync-desk.js';

/** What the outbox needs of the connection that it shares with others. */
export interface OutboxLine {
  readonly prefix: string;
  readonly connection: Pick<Connection, 'connected' | 'publish'>;
  /** Keeps what was sent, for those who missed it. */
  readonly store: BroadcastStore;
  readonly repairs: Pick<RepairDesk, 'answerAs' | 'answerForOthers'>;
  readonly syncs: Pick<SyncDesk, 'silent' | 'answerFor'>;
}

export interface CausalOutboxOptions {
  /** This life of the agent. */
  readonly self: SenderId;
  readonly line: OutboxLine;
  readonly clock: AgentClock;
  /** What the agent has delivered, of all channels that it belongs to and of no other. */
  readonly delivered: () => Frontiers;
  readonly stats: Pick<AgentStats, 'unbelieved'>;
}

/** What is sent, as far as it orders it among others. */
export interface Postmark {
  readonly stamp: Stamp;
  readonly clock: Clock;
}

/** Senders whose latest stamp is remembered until the agent sends something itself. */
const latestMax = limits.frontierEntriesMax;
/** Entries of all of them together. */
const latestEntriesMax = 16_384;

/** Channels that one answer tells of, beside that of the message. */
const ownInAnswerMax = limits.frontierChannelsMax - 1;

const settings = {
  sendersMax: limits.frontierEntriesMax,
  aheadMax: 4_096,
  introducedMax: 1_000_000,
  channelsMax: limits.frontierChannelsMax,
  ownChannelsMax: 1_024,
  forgetAfterMs: 120_000,
  beaconFirstMs: 250,
  beaconLastMs: 30_000,
} as const;

/**
 * What the agent sends in causal order: stamps it, and tells how far it has come, so that the loss of the last one is
 * noticed. An agent that sends nothing costs nothing here but a place in a map for each sender.
 */
export class CausalOutbox {
  private readonly sender: CausalSender;
  /** Of each sender what was delivered last: it comes after all that came before from there. */
  private readonly latest = new Map<SenderId, Stamp>();
  private latestEntries = 0;
  /** Own broadcasts, a channel; the one sent on last is the last. */
  private readonly own = new Map<Channel, number>();
  private stops: (() => void)[] = [];
  private answersRepairs = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: CausalOutboxOptions) {
    this.sender = new CausalSender({ ...settings, self: options.self });
  }

  /** Notes what was delivered. */
  delivered(stamp: Stamp): void {
    const before = this.latest.get(stamp.sender);
    this.latestEntries += entriesOf(stamp) - (before === undefined ? 0 : entriesOf(before));
    this.latest.delete(stamp.sender);
    this.latest.set(stamp.sender, stamp);
    if (this.latest.size > latestMax || this.latestEntries > latestEntriesMax) this.observeDelivered();
    if (this.stops.length === 0 && this.options.line.syncs.silent) this.answerSyncs();
  }

  /** All that was seen and sent. */
  get frontiers(): FrontiersOnWire {
    this.observeDelivered();
    return frontiersOnWire(this.sender.frontiers);
  }

  /** Own broadcasts that a message does not come after: whoever hears of its answer comes after them. */
  ownBeyond(after: FrontiersOnWire = {}): FrontiersOnWire {
    const seen: Readonly<Record<Channel, Readonly<Record<SenderId, number>>>> = after;
    const { self } = this.options;
    const ahead = [...this.own].filter(([channel, sequence]) => sequence > (seen[channel]?.[self] ?? 0));
    const latest = ahead.slice(-ownInAnswerMax).map(([channel, sequence]) => [channel, { [self]: sequence }]);
    return Object.fromEntries(latest) as FrontiersOnWire;
  }

  /** Whether the agent may broadcast on a channel: there is a bound to how many. */
  hasRoomFor(channel: Channel): boolean {
    return this.sender.hasRoomFor(channel);
  }

  /** Notes what another one has seen. */
  heard(frontiers: Frontiers): void {
    this.options.stats.unbelieved += this.observe(frontiers, undefined);
  }

  /** How the next message will be marked, but for its own place and event: nothing counts as sent yet. */
  preview(): Postmark {
    this.observeDelivered();
    return { stamp: this.sender.targeted(), clock: this.options.clock.beyond({}) ?? {} };
  }

  /** Marks the next broadcast on a channel; it counts as sent. */
  broadcast(channel: Channel): Postmark {
    this.observeDelivered();
    const stamp = this.sender.broadcast(channel, performance.now());
    this.own.delete(channel);
    this.own.set(channel, this.sender.sequence(channel));
    this.answerRepairs();
    this.beaconLater();
    return { stamp, clock: this.options.clock.originate() };
  }

  /**
   * Keeps a broadcast that counts as sent, for those who miss it: whether the agent belongs to the channel or not, and
   * however long its own copy waits for its turn.
   * @param data as it goes out, in JSON
   */
  keep(stamp: Stamp, data: Uint8Array): void {
    const { store, repairs } = this.options.line;
    keep(store, stamp, { data, encoding: 'json' });
    repairs.answerForOthers();
  }

  /** Marks a message to single agents, which stands in no sequence. */
  targeted(): Postmark {
    this.observeDelivered();
    return { stamp: this.sender.targeted(), clock: this.options.clock.originate() };
  }

  /** Tells how far it came, and after that nothing, and answers nobody: what was lost of its last is still missed. */
  close(): void {
    this.publish(this.lastFrontiers());
    clearTimeout(this.timer);
    this.timer = undefined;
    this.answersRepairs = false;
    for (const stop of this.stops.splice(0)) stop();
  }

  private observeDelivered(): void {
    const { stats, delivered } = this.options;
    // First what is known to be true: it has its room before what others say.
    this.observe(delivered(), undefined);
    for (const stamp of this.latest.values()) stats.unbelieved += this.observe(saidBy(stamp), stamp.sender);
    this.latest.clear();
    this.latestEntries = 0;
  }

  /**
   * @param by whose word it is: of itself a sender is believed, and what others had made of it is set right
   * @returns entries that were not believed, or had no room
   */
  private observe(said: Frontiers, by: SenderId | undefined): number {
    const room = { known: this.sender.frontiers, heard: this.options.delivered, by };
    const { frontiers, refused } = fitting(said, room);
    const nowMs = performance.now();
    const refusals = this.sender.observe(frontiers, by === undefined ? { nowMs } : { nowMs, by });
    return [...refusals.values()].reduce((sum, count) => sum + count, refused);
  }

  private answerSyncs(): void {
    this.stops.push(this.options.line.syncs.answerFor((channels) => this.standing(channels)));
  }

  /** From the first broadcast on. */
  private answerRepairs(): void {
    if (this.answersRepairs) return;
    this.answersRepairs = true;
    const { line, self } = this.options;
    if (this.stops.length === 0) this.answerSyncs();
    this.stops.push(line.repairs.answerAs(idOfSender(self)));
  }

  private standing(channels: readonly ChannelName[]): CausalSyncReply | undefined {
    const all = this.frontiers;
    const asked = channels.flatMap((channel) => {
      const frontier = all[channel];
      return frontier ? [[channel, frontier] as const] : [];
    });
    if (asked.length === 0) return undefined;
    return { sender: this.options.self, frontiers: Object.fromEntries(asked) } as CausalSyncReply;
  }

  private beaconLater(): void {
    clearTimeout(this.timer);
    const dueAtMs = this.sender.beaconDueAtMs;
    if (dueAtMs === undefined) return;
    this.timer = setTimeout(() => this.tell(), Math.max(0, dueAtMs - performance.now())).unref();
  }

  private tell(): void {
    this.publish(this.sender.takeBeacons(performance.now()));
    this.beaconLater();
  }

  /** On every channel that it told anything on lately. */
  private lastFrontiers(): ReadonlyMap<Channel, number> {
    const channels = [...this.sender.frontiers.keys()];
    const own = channels.map((channel) => [channel, this.sender.sequence(channel)] as const);
    return new Map(own.filter(([, sequence]) => sequence > 0));
  }

  private publish(channels: ReadonlyMap<Channel, number>): void {
    const { self, line } = this.options;
    const { connection, prefix } = line;
    if (channels.size === 0 || !connection.connected) return;
    const subject = subjectOf(prefix, subjects.causalFrontier, { memberId: idOfSender(self) });
    connection.publish(subject, encodeBody({ sender: self, channels: Object.fromEntries(channels) }));
  }
}

const entriesOf = ({ after }: Stamp): number => [...after.values()].reduce((sum, { size }) => sum + size, 0);

/** What whoever delivered a message knows by its stamp: what the message comes after, and the message itself. */
function saidBy({ sender, broadcast, after }: Stamp): Frontiers {
  if (broadcast === undefined) return after;
  const { channel, sequence } = broadcast;
  return new Map(after).set(channel, new Map(after.get(channel)).set(sender, sequence));
}
