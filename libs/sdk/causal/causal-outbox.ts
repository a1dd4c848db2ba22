import {
  type CausalSyncReply,
  type Channel as ChannelName,
  type Clock,
  type Frontiers as FrontiersOnWire,
  limits,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { CausalSender, type Channel, type Frontiers, type SenderId, type Stamp } from '@nexus/core/causality';
import { encodeBody } from '@nexus/wire';
import { type AgentClock } from './agent-clock.js';
import { type CausalLine } from './causal-line.js';
import { frontiersOnWire, idOfSender } from './wire-stamp.js';

export interface CausalOutboxOptions {
  /** This life of the agent. */
  readonly self: SenderId;
  readonly line: CausalLine;
  readonly clock: AgentClock;
  /** What the agent has delivered. */
  readonly delivered: () => Frontiers;
}

/** What is sent, as far as it orders it among others. */
export interface Postmark {
  readonly stamp: Stamp;
  readonly clock: Clock;
}

/** Senders whose latest stamp is remembered until the agent sends something itself. */
const latestMax = limits.frontierEntriesMax;

const settings = {
  sendersMax: limits.frontierEntriesMax,
  aheadMax: 4_096,
  introducedMax: 1_000_000,
  channelsMax: limits.frontierChannelsMax,
  ownChannelsMax: 1_024,
  forgetAfterMs: 600_000,
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
  private stops: (() => void)[] = [];
  private answersRepairs = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: CausalOutboxOptions) {
    this.sender = new CausalSender({ ...settings, self: options.self });
  }

  /** Notes what was delivered. */
  delivered(stamp: Stamp): void {
    this.latest.delete(stamp.sender);
    this.latest.set(stamp.sender, stamp);
    if (this.latest.size > latestMax) this.observeDelivered();
    if (this.stops.length === 0 && this.options.line.syncs.silent) this.answerSyncs();
  }

  /** All that was seen and sent. */
  get frontiers(): FrontiersOnWire {
    this.observeDelivered();
    return frontiersOnWire(this.sender.frontiers);
  }

  /** Whether the agent may broadcast on a channel: there is a bound to how many. */
  hasRoomFor(channel: Channel): boolean {
    return this.sender.hasRoomFor(channel);
  }

  /** Notes what another one has seen. */
  heard(frontiers: Frontiers): void {
    this.sender.observe(frontiers, { nowMs: performance.now() });
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
    this.answerRepairs();
    this.beaconLater();
    return { stamp, clock: this.options.clock.originate() };
  }

  /** Marks a message to single agents, which stands in no sequence. */
  targeted(): Postmark {
    this.observeDelivered();
    return { stamp: this.sender.targeted(), clock: this.options.clock.originate() };
  }

  /** Tells nothing and answers nobody any more. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.answersRepairs = false;
    for (const stop of this.stops.splice(0)) stop();
  }

  private observeDelivered(): void {
    const nowMs = performance.now();
    for (const { after } of this.latest.values()) this.sender.observe(after, { nowMs });
    this.latest.clear();
    this.sender.observe(this.options.delivered(), { nowMs });
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
    const { self, line } = this.options;
    const { connection, prefix } = line;
    const due = this.sender.takeBeacons(performance.now());
    if (due.size > 0 && connection.connected) {
      const subject = subjectOf(prefix, subjects.causalFrontier, { memberId: idOfSender(self) });
      connection.publish(subject, encodeBody({ sender: self, channels: Object.fromEntries(due) }));
    }
    this.beaconLater();
  }
}
