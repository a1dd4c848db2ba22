import {
  type CausalRepairReply,
  type CausalSyncReply,
  type Channel as ChannelName,
  type Frontiers as FrontiersOnWire,
  NexusError,
  type SenderFrontier,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import {
  CausalReceiver,
  type Channel,
  type Frontiers,
  type Gap,
  idOfSender,
  type ReceiverEffects,
  type ReceiverInput,
  type ReceiverRefusal,
  type Repair,
  type SenderId,
  type Stamp,
} from '@nexus/core/causality';
import { frontiersFrom, stampFrom } from '@nexus/wire';
import { type AgentEvent, type AgentStats } from '../agent/agent-events.js';
import { type Outcome, Work } from '../agent/work.js';
import { copiesIn } from './broadcast-copies.js';
import { type BroadcastStore, keep } from './broadcast-store.js';
import { fittingAlone, roomBounds } from './frontier-room.js';
import { furthest } from './furthest.js';
import { OutcomeMemory } from './outcome-memory.js';
import { receiverOptions } from './receiver-settings.js';
import { type OnRepair } from './repair-desk.js';
import { refusalError } from './refusal-error.js';
import { type Turn, TurnOrder } from './turn-order.js';

/** Where work goes that has passed the order. */
export interface IntakeDesk {
  /** Takes work whose turn has come, for which room was kept. */
  readonly begin: (work: Work) => void;
  /** Answers work that is not handled, or not again, if this agent is the one to answer. */
  readonly answer: (work: Work, outcome: Outcome) => void;
}

/** What the inbox needs of the connection that it shares with others. */
export interface InboxLine {
  readonly prefix: string;
  /** Keeps what was delivered of others, for those who missed it. */
  readonly store: BroadcastStore;
  readonly repairs: {
    ask(repair: Repair, onReply: OnRepair): void;
    answerForOthers(): void;
  };
  readonly syncs: {
    ask(channels: readonly ChannelName[], onReply: (reply: CausalSyncReply) => void): void;
  };
}

export interface CausalInboxOptions {
  /** This life of the agent. */
  readonly self: SenderId;
  /** All that it belongs to. */
  readonly channels: readonly Channel[];
  /** Messages that are held back or have not finished, at most. */
  readonly roomMax: number;
  readonly line: InboxLine;
  readonly desk: IntakeDesk;
  /** Told of each delivery before the handler is: what the agent sends from now on comes after it. */
  readonly onDelivered: (work: Work, stamp: Stamp) => void;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** A message of a causal operation that was taken in. */
interface Arrival {
  /** Names the message among all: what comes twice under one name is handled once. */
  readonly key: string;
  readonly work: Work;
  readonly stamp: Stamp;
  readonly own: boolean;
}

/** Outcomes that are remembered for repeats. */
const outcomesMax = 256;
/** A timer is no finer, in milliseconds. */
const tickMsMin = 1;
/** Of an answer to who begins to listen: where everybody stands, on the channels that it asked for. */
const syncBounds = { ...roomBounds, elsewhereMax: 0, strangersMax: roomBounds.entriesMax };

/**
 * Takes in messages of causal operations and hands them on in their order, each once: the runner of a `CausalReceiver`.
 * What it has taken in it has room for until it is handled, so that whatever counts as delivered is handled.
 *
 * - A message has its turn when all that it comes after has finished, or has outlasted its budget (`TurnOrder`).
 * - One whose budget is used up while it waits is handled all the same, with its budget anew: others come after it. Its
 *   answer is not sent.
 * - A repeat is answered with the outcome of the first; where that is not remembered any more, with `conflict`.
 */
export class CausalInbox {
  private receiver: CausalReceiver<Arrival>;
  private readonly order: TurnOrder<Arrival>;
  private readonly outcomes = new OutcomeMemory(outcomesMax);
  /** Taken in and not delivered. */
  private readonly held = new Set<Arrival>();
  /** Taken in and not finished, by key. */
  private readonly unfinished = new Map<string, Arrival>();
  /** What had been delivered before it was reset, until the receiver has begun behind that. */
  private known: Frontiers | undefined;
  private readonly inputs: ReceiverInput<Arrival>[] = [];
  private stepping = false;
  private listening = false;
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = Infinity;

  constructor(private readonly options: CausalInboxOptions) {
    this.receiver = this.newReceiver();
    this.order = new TurnOrder((turn) => this.begin(turn));
  }

  /** Whether there is no room for one more. */
  get full(): boolean {
    return this.held.size + this.order.size >= this.options.roomMax;
  }

  /** Messages that wait for another one, held back or for their turn. */
  get waiting(): number {
    return this.held.size + this.order.waiting;
  }

  /** What was delivered. */
  get frontiers(): Frontiers {
    return this.receiver.frontiers;
  }

  /** Whether the agent belongs to a channel. */
  hears(channel: Channel): boolean {
    return this.options.channels.includes(channel);
  }

  /** Whether something of a sender was delivered. */
  hasHeard(sender: SenderId): boolean {
    return this.options.channels.some((channel) => this.receiver.frontier(channel).has(sender));
  }

  /** What was delivered of one channel, for the wire; undefined when that is nothing. */
  frontierOnWire(channel: Channel): FrontiersOnWire | undefined {
    const frontier = this.receiver.frontier(channel);
    if (frontier.size === 0) return undefined;
    return { [channel]: Object.fromEntries(frontier) };
  }

  /** Begins to listen, and asks those who send where they stand. Does nothing the second time. */
  open(): void {
    if (this.listening) return;
    this.listening = true;
    const { known } = this;
    // None of that is to be handled again, also where its sender is gone and cannot say where it stood.
    if (known) this.step({ kind: 'synced', sender: this.options.self, frontiers: known });
    else this.step({ kind: 'tick' });
  }

  /** After an outage: what was sent meanwhile is found out by asking. */
  reconnected(): void {
    if (this.listening) this.askSync();
  }

  /**
   * Takes one message; it does not throw. Whoever calls has seen that there is room.
   * @param peer the agent that sent it, as the subject tells; undefined: it came from Nexus
   */
  take(work: Work, peer: string | undefined): void {
    const { causal } = work.message;
    if (!causal) return;
    const stamp = stampFrom(causal);
    if (this.isForged(stamp, work, peer)) {
      this.options.stats.forged += 1;
      this.drop(work, 'forged_stamp');
    } else this.arrive(work, this.bounded(stamp), false);
  }

  /**
   * Hears of a sender by one of its broadcasts, and by nothing before: it stood before that one then. For an agent that
   * has listened all along, and begins to keep the order only now.
   */
  hearsFrom({ sender, broadcast }: Stamp): void {
    if (!broadcast) return;
    const stood = new Map(broadcast.sequence > 1 ? [[sender, broadcast.sequence - 1]] : []);
    this.step({ kind: 'synced', sender, frontiers: new Map([[broadcast.channel, stood]]) });
  }

  /** Delivers what the agent itself has sent, to itself. */
  deliverOwn(work: Work, stamp: Stamp): void {
    this.arrive(work, stamp, true);
  }

  /** Hears how far a sender has come. */
  hear({ sender, channels }: SenderFrontier): void {
    if (sender === this.options.self) return;
    for (const channel of this.options.channels) {
      const sequence = channels[channel as ChannelName];
      if (sequence !== undefined) this.step({ kind: 'sender_frontier', sender, channel, sequence });
    }
  }

  /** Takes no more. @returns what it held back: it was not delivered, and will not be */
  close(): Work[] {
    this.listening = false;
    clearTimeout(this.timer);
    this.timerAtMs = Infinity;
    const held = [...this.held].map(({ work }) => work);
    for (const { key } of this.held) this.unfinished.delete(key);
    this.held.clear();
    return held;
  }

  /**
   * Takes no more, and forgets what was not handled; once opened again it begins anew, after all that was delivered.
   * @returns what is not handled any more
   */
  reset(): Work[] {
    const works = [...this.close(), ...this.order.clear().map(({ work }) => work)];
    this.unfinished.clear();
    this.known = furthest(this.known, this.receiver.frontiers);
    this.receiver = this.newReceiver();
    return works;
  }

  private newReceiver(): CausalReceiver<Arrival> {
    const { channels, roomMax, self } = this.options;
    return new CausalReceiver<Arrival>(receiverOptions({ channels, heldMax: roomMax, self }));
  }

  private arrive(work: Work, stamp: Stamp, own: boolean): void {
    const key = keyOf(work, stamp);
    const first = this.unfinished.get(key);
    if (first) {
      this.options.stats.duplicates += 1;
      if (work.replySubject !== undefined) {
        first.work.whenDone((outcome) => this.options.desk.answer(work, outcome));
      }
      return;
    }
    if (stamp.broadcast === undefined && this.outcomes.recall(key)) {
      // It stands in no sequence: what was handled is known by its name alone.
      this.handledBefore(work, key);
      return;
    }
    const arrival = { key, work, stamp, own };
    this.unfinished.set(key, arrival);
    this.held.add(arrival);
    if (own && stamp.broadcast) this.step({ kind: 'sent', stamp, message: arrival });
    else this.step({ kind: 'message', stamp, message: arrival, bytes: work.source.data.length });
  }

  /** What a message comes after, as far as there is room for it: what it costs is not for its sender to say. */
  private bounded(stamp: Stamp): Stamp {
    const room = { heard: () => this.receiver.frontiers, by: stamp.sender };
    const { frontiers, refused } = fittingAlone(stamp.after, room);
    this.options.stats.unbelieved += refused;
    return refused === 0 ? stamp : { ...stamp, after: frontiers };
  }

  /** A handler may send something before the step that delivered its message is through: that waits for its end. */
  private step(input: ReceiverInput<Arrival>): void {
    this.inputs.push(input);
    if (this.stepping) return;
    this.stepping = true;
    try {
      for (let next = this.inputs.splice(0); next.length > 0; next = this.inputs.splice(0)) {
        const nowMs = performance.now();
        this.carryOut(this.receiver.step(next, { nowMs }));
        if (!this.receiver.isSyncing) this.known = undefined;
      }
    } finally {
      this.stepping = false;
    }
    this.tickLater();
  }

  private carryOut({ deliver, gaps, repairs, refused, askSync }: ReceiverEffects<Arrival>): void {
    for (const arrival of deliver) this.deliver(arrival);
    for (const gap of gaps) this.reportGap(gap);
    for (const repair of repairs) {
      this.options.line.repairs.ask(repair, (reply) => this.repaired(repair, reply));
    }
    for (const { reason, message } of refused) this.refuse(message, reason);
    if (askSync) this.askSync();
  }

  private deliver(arrival: Arrival): void {
    const { work, stamp, own } = arrival;
    const { line, onDelivered } = this.options;
    this.held.delete(arrival);
    // What the agent sent itself was kept when it was sent.
    if (stamp.broadcast && !own) {
      keep(line.store, stamp, { data: work.source.data, encoding: work.encoding });
      line.repairs.answerForOthers();
    }
    if (!own) onDelivered(work, stamp);
    this.order.add(arrival, stamp);
  }

  private begin(turn: Turn<Arrival>): void {
    const { key, work } = turn.item;
    work.whenDone((outcome) => this.outcomes.remember(key, outcome));
    work.onFinish = () => {
      if (this.unfinished.get(key) === turn.item) this.unfinished.delete(key);
      this.order.finish(turn);
    };
    this.options.desk.begin(work);
  }

  private refuse(arrival: Arrival, reason: ReceiverRefusal): void {
    const { key, work } = arrival;
    const { stats, desk } = this.options;
    this.held.delete(arrival);
    if (this.unfinished.get(key) === arrival) this.unfinished.delete(key);
    if (reason === 'duplicate') {
      this.handledBefore(work, key);
      return;
    }
    if (reason === 'no_room') stats.overloaded += 1;
    else if (reason !== 'before_start') {
      stats.unbelieved += 1;
      this.drop(work, 'unbelieved_stamp');
    }
    desk.answer(work, { ok: false, error: refusalError(reason) });
  }

  private handledBefore(work: Work, key: string): void {
    this.options.stats.duplicates += 1;
    const forgotten = new NexusError(
      'conflict',
      'it was delivered before, and its answer is not kept any more',
    );
    this.options.desk.answer(work, this.outcomes.recall(key) ?? { ok: false, error: forgotten });
  }

  private repaired(repair: Repair, reply: CausalRepairReply): void {
    if (!this.listening) return;
    const subject = subjectOf(this.options.line.prefix, subjects.causalRecover, {});
    for (const letter of copiesIn(reply, repair, subject)) {
      const { causal } = letter.message;
      // What there is no room for is asked for once more.
      if (!causal) continue;
      if (!this.full) this.arrive(new Work(letter), this.bounded(stampFrom(causal)), false);
      else this.turnAway(stampFrom(causal));
    }
    const { channel, sender } = repair;
    if (reply.keptFrom !== undefined) {
      this.step({ kind: 'kept_from', channel, sender, sequence: reply.keptFrom });
    }
  }

  /** It is to be had: it is asked for once more, and that is no try. */
  private turnAway({ sender, broadcast }: Stamp): void {
    if (broadcast) this.step({ kind: 'turned_away', sender, ...broadcast });
  }

  private askSync(): void {
    const channels = this.options.channels as readonly ChannelName[];
    this.options.line.syncs.ask(channels, (reply) => this.synced(reply));
  }

  private synced({ sender, frontiers }: CausalSyncReply): void {
    if (!this.listening || sender === this.options.self) return;
    const room = { heard: () => this.receiver.frontiers, by: sender, bounds: syncBounds };
    const { frontiers: standing } = fittingAlone(frontiersFrom(frontiers), room);
    this.step({ kind: 'synced', sender, frontiers: standing });
  }

  private reportGap({ channel, sender, from, to }: Gap): void {
    this.options.stats.missed += to - from + 1;
    this.options.report({ kind: 'causal_gap', channel, sender, from, to });
  }

  /** Whether somebody speaks for another: a peer for anybody but itself, or anybody for this agent. */
  private isForged({ sender, broadcast }: Stamp, { source }: Work, peer: string | undefined): boolean {
    if (sender === this.options.self) return true;
    if (peer === undefined) return false;
    if (idOfSender(sender) !== peer) return true;
    const [, kind, name] = source.subject.split('.');
    // What stands on the subject of a group is of that group's channel.
    return kind === 'group' && broadcast?.channel !== `group.${name}`;
  }

  private drop({ source: { subject } }: Work, reason: 'forged_stamp' | 'unbelieved_stamp'): void {
    this.options.report({ kind: 'message_dropped', reason, subject });
  }

  /** The one timer: set for when something is to be asked for, or given up. */
  private tickLater(): void {
    const { dueAtMs = Infinity } = this.receiver;
    // One that comes early only looks again; a message in time must not cost a timer.
    if (!this.listening || dueAtMs >= this.timerAtMs) return;
    clearTimeout(this.timer);
    this.timerAtMs = dueAtMs;
    const inMs = Math.max(tickMsMin, dueAtMs - performance.now());
    this.timer = setTimeout(() => this.tick(), inMs).unref();
  }

  /** What has arrived while the process was busy is taken first: it may be what would be asked for. */
  private tick(): void {
    this.timerAtMs = Infinity;
    setImmediate(() => {
      if (this.listening) this.step({ kind: 'tick' });
    });
  }
}

/** A broadcast by its place; what goes to single agents, by the operation that it belongs to. */
function keyOf({ message }: Work, { sender, broadcast }: Stamp): string {
  return broadcast
    ? `${sender} ${broadcast.channel} ${broadcast.sequence}`
    : `${sender} ${message.kind} ${message.coordinationId}`;
}
