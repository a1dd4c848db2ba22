import { type Applied, LogClock } from '@nexus/core/replicated-state';
import {
  type Configuration,
  type DurableState,
  type Effects,
  type Entry,
  type Input,
  isMember,
  type LogStore,
  type MemberId,
  type MembershipChange,
  type Message,
  Raft,
  type RaftOptions,
  type RaftStatus,
  type Readable,
  type Refused,
  type Snapshot,
  type Standing,
  type Write,
} from '@nexus/core/raft';
import { type ReadReply } from '@nexus/contracts';
import { type PeerLink } from '../transport/peer-link.js';
import { type Clock, systemClock } from './clock.js';
import { HeldMessages } from './held-messages.js';
import { type ImagePolicy, ImageWriter, spread } from './image-writer.js';
import { ProposalBatch } from './proposal-batch.js';
import { encodeProposal } from './proposal-codec.js';
import { type Query } from './readings.js';
import { RecordedWork } from './recorded-work.js';
import { type ReplicaWatcher } from './replica-watcher.js';
import { StateMachine } from './state-machine.js';
import { type Changed, type NotRecorded, type Submission, type Submitted } from './submission.js';

export interface ReplicaOptions {
  readonly raft: RaftOptions;
  readonly tickMs: number;
  readonly images: ImagePolicy;
  /** Loaded by whoever opened it; the replica writes it and closes it. */
  readonly store: LogStore;
  readonly durable: DurableState;
  readonly link: PeerLink;
  readonly clock?: Clock;
}

type AnswerRead = (reading: ReadReply | NotRecorded) => void;

interface PendingRead {
  readonly query: Query;
  readonly answer: AnswerRead;
}

/** What may wait for one turn; messages beyond it are lost, which Raft expects, and requests are refused. */
const inputsMax = 65_536;
/** Committed entries that may wait to be applied here before the leader's are taken as lost. */
const backlogMax = 262_144;

/**
 * Runs one member of a Raft group: hands the core what happens, one step a turn with all that came since the last one,
 * and does what the core says in the order that it demands. Whatever came before a tick is handled before it, so that a
 * process that was held up judges no leader by its own lateness.
 */
export class Replica {
  private readonly raft: Raft;
  private readonly clock: Clock;
  private readonly logClock: LogClock;
  private readonly images: ImageWriter;
  private readonly held: HeldMessages;
  private readonly proposals = new RecordedWork<Submitted>();
  private readonly changes = new RecordedWork<Changed>();
  private readonly reads = new Map<number, PendingRead>();
  /** Reads that may be answered once the entry at their index is applied, in order. */
  private readonly readable: Readable[] = [];
  private readonly transfers = new Map<number, (refusal: NotRecorded) => void>();
  private readonly watchers = new Set<ReplicaWatcher>();
  private readonly heardMs = new Map<MemberId, number>();
  private readonly stops: (() => void)[] = [];

  private readonly machine: StateMachine;
  private inputs: Input[] = [];
  private readonly proposed = new ProposalBatch();
  private tickDue = false;
  private turnDue = false;
  /** What is committed was put off by a turn. */
  private postponed = false;
  private ended = false;
  private expiring = false;
  private lastTicket = 0;
  private lastStanding: Standing;
  private terms = 0;

  constructor(private readonly options: ReplicaOptions) {
    const { raft, durable, images, store, link, clock = systemClock } = options;
    this.clock = clock;
    this.raft = new Raft(raft, durable);
    this.lastStanding = this.raft.standing;
    this.machine = new StateMachine(durable.snapshot, {
      applied: (entry, applied) => this.applied(entry, applied),
      changed: (changes, bytes) => {
        for (const watcher of this.watchers) watcher.changed?.(changes, bytes);
      },
      restored: (index) => {
        for (const watcher of this.watchers) watcher.restored?.(index);
      },
    });
    this.logClock = new LogClock(() => clock.nowMs());
    this.held = new HeldMessages(({ to, message }) => link.send(to, message));
    this.images = new ImageWriter(spread(images, store.storeId), clock, {
      stage: (image) => store.stage(image),
      ready: (index, image) => this.enqueue({ kind: 'compact', index, image }),
      failed: (error) => this.fail(error),
    });
  }

  /** From now on it hears its peers, and time passes. */
  start(): void {
    const { link, tickMs } = this.options;
    this.stops.push(link.listen((from, message) => this.receive(from, message)));
    this.stops.push(
      this.clock.every(tickMs, () => {
        this.tickDue = true;
        this.wake();
      }),
    );
  }

  /** Ends without a word to the peers; who waits is told that nothing is known. */
  async stop(): Promise<void> {
    this.end();
    await this.options.store.close();
  }

  get self(): MemberId {
    return this.options.raft.self;
  }

  get standing(): Standing {
    return this.lastStanding;
  }

  get leads(): boolean {
    return this.lastStanding.role === 'leader' && !this.ended;
  }

  /** The latest configuration in the log, committed or not. */
  get configuration(): Configuration {
    return this.raft.configuration;
  }

  /** The last entry that is in the state. */
  get appliedIndex(): number {
    return this.machine.index;
  }

  /** Terms that began since the start. */
  get termsSeen(): number {
    return this.terms;
  }

  status(): RaftStatus {
    return this.raft.status;
  }

  /** How long a member has said nothing of this leader's term, in ticks; infinite of who is no member, or of a follower. */
  silentTicksOf(member: MemberId): number {
    const follower = this.raft.followers.find((known) => known.member === member);
    return follower?.silentTicks ?? Number.POSITIVE_INFINITY;
  }

  /** How long nothing was heard of a member, in milliseconds; infinite when nothing ever was. */
  silentMs(member: MemberId): number {
    return this.clock.nowMs() - (this.heardMs.get(member) ?? Number.NEGATIVE_INFINITY);
  }

  /** Returns how to stop. */
  watch(watcher: ReplicaWatcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Proposes, if this replica leads; `answer` is called exactly once, maybe at once. */
  submit(submission: Submission, answer: (submitted: Submitted) => void): void {
    if (!this.takesMore(answer)) return;
    const ticket = ++this.lastTicket;
    this.proposals.ask(ticket, answer);
    const { session, requestId, command } = submission;
    const proposal = { atMs: this.logClock.stampMs, session, requestId, command };
    this.proposed.add({ kind: 'propose', ticket, command: encodeProposal(proposal) });
    this.wakeToPropose();
  }

  /** Reads what is committed by now, if this replica leads. */
  read(query: Query, answer: AnswerRead): void {
    if (!this.takesMore(answer)) return;
    const ticket = ++this.lastTicket;
    this.reads.set(ticket, { query, answer });
    this.enqueue({ kind: 'read', ticket });
  }

  /** Reads what this replica happens to know. */
  readLocal(query: Query): ReadReply {
    return this.machine.reading(query);
  }

  /** Changes who takes part, if this replica leads. */
  change(change: MembershipChange, answer: (changed: Changed) => void): void {
    if (!this.takesMore(answer)) return;
    const ticket = ++this.lastTicket;
    this.changes.ask(ticket, answer);
    this.enqueue({ kind: 'change', ticket, change });
  }

  /**
   * Hands leadership over. That it went well is seen by the standing; only a refusal is told.
   * @returns how to stop waiting for one
   */
  transfer(to: MemberId | null, refused: (refusal: NotRecorded) => void): () => void {
    const ticket = ++this.lastTicket;
    if (this.takesMore(refused)) {
      this.transfers.set(ticket, refused);
      this.enqueue({ kind: 'transfer', ticket, to });
    }
    return () => this.transfers.delete(ticket);
  }

  /** @returns whether what is asked for can be begun; if not, who asks is told why */
  private takesMore(answer: (refusal: NotRecorded) => void): boolean {
    const refusal = this.refusal();
    if (refusal !== undefined) answer(refusal);
    return refusal === undefined;
  }

  private refusal(): NotRecorded | undefined {
    if (this.ended) return { kind: 'refused', reason: 'stopped' };
    if (this.lastStanding.role !== 'leader') return { kind: 'refused', reason: 'not_leader' };
    const waiting = this.inputs.length + this.proposed.size;
    if (waiting >= inputsMax || this.machine.waiting >= inputsMax) {
      return { kind: 'refused', reason: 'overloaded' };
    }
    return undefined;
  }

  private receive(from: MemberId, message: Message): void {
    if (this.inputs.length >= inputsMax) return;
    // Anybody may claim any name: only members are remembered, of whom there are few.
    if (isMember(this.raft.configuration, from)) this.heardMs.set(from, this.clock.nowMs());
    if (message.kind === 'append_request' && this.machine.waiting >= backlogMax) return;
    this.enqueue({ kind: 'message', from, message });
  }

  private enqueue(input: Input): void {
    if (this.ended) return;
    this.inputs.push(input);
    this.wake();
  }

  private wakeToPropose(): void {
    if (this.proposed.mayGo(this.proposals.hasUnanswered)) this.wake();
  }

  private wake(): void {
    if (this.turnDue || this.ended) return;
    this.turnDue = true;
    this.clock.afterArrivals(() => this.turn());
  }

  private turn(): void {
    this.turnDue = false;
    if (this.ended) return;
    const inputs = this.takeInputs();
    const { tickDue } = this;
    this.tickDue = false;
    try {
      const hasWritten = inputs.length > 0 && this.execute(this.raft.step(inputs));
      this.proceedAfter(hasWritten);
      if (tickDue) this.expireWhatIsDue();
      this.wakeToPropose();
    } catch (error) {
      // A broken invariant: whatever this replica would say from here on cannot be trusted.
      this.fail(error);
    }
  }

  /** A tick takes along whatever gathered: a disk that stalls here does not keep it from the others. */
  private takeInputs(): readonly Input[] {
    const { inputs, tickDue, proposed } = this;
    this.inputs = [];
    if (tickDue || proposed.mayGo(this.proposals.hasUnanswered)) {
      for (const proposal of proposed.take()) inputs.push(proposal);
    }
    if (tickDue) inputs.push({ kind: 'tick' });
    return inputs;
  }

  /** @returns whether a write began */
  private execute(effects: Effects): boolean {
    // First: from here on nobody whose entry is in a write is told that nothing was recorded, whatever happens.
    for (const accepted of effects.accepted) {
      if (!this.proposals.accepted(accepted)) this.changes.accepted(accepted);
    }
    if (effects.write !== null) this.persist(effects.write);
    this.held.post(effects.messages);
    this.options.link.flush();
    for (const refused of effects.refused) this.refuse(refused);
    if (effects.restore !== null) this.restore(effects.restore);
    if (effects.committed.length > 0) this.machine.commit(effects.committed);
    for (const readable of effects.readable) this.readable.push(readable);
    if (effects.standing !== null) this.adopt(effects.standing);
    return effects.write !== null;
  }

  private persist(write: Write): void {
    this.proposed.writing(write.sequence);
    this.options.store.write(write).then(
      () => this.written(write.sequence),
      (error: unknown) => this.fail(error),
    );
  }

  private written(sequence: number): void {
    if (this.ended) return;
    try {
      this.held.written(sequence);
      this.proposed.written(sequence);
      this.enqueue({ kind: 'written', sequence });
    } catch (error) {
      this.fail(error);
    }
  }

  private restore(snapshot: Snapshot): void {
    this.images.restart();
    this.machine.replace(snapshot);
    // Others committed what is in it; which of ours are there is not to be seen.
    this.proposals.abandonBefore(Number.POSITIVE_INFINITY);
    this.changes.abandonBefore(Number.POSITIVE_INFINITY);
  }

  /** A write, and the messages about it, leave within this turn: what is committed can be applied while they travel. */
  private proceedAfter(hasWritten: boolean): void {
    this.postponed = hasWritten && !this.postponed && this.machine.busy;
    if (this.postponed) this.wake();
    else this.proceed();
  }

  /** Applies some of what is committed; the rest in later turns, after what arrives meanwhile. */
  private proceed(): void {
    // Who waits for a write waits for what this replica says of it: its end is not to stand behind a long turn.
    this.machine.proceed(this.proposed.isWriting ? 'small' : 'whole');
    this.serveReadable();
    // Also while more waits to be applied: under a load that never ends, nothing else would shorten the log.
    if (this.images.due && !this.machine.isRestoring) {
      this.images.write(this.machine.state, this.machine.index);
    }
    if (this.machine.busy) this.wake();
  }

  private applied(entry: Entry, applied: Applied | null): void {
    const { index, term } = entry;
    this.images.applied(entry.kind === 'command' ? entry.command.length : 0);
    if (applied !== null) {
      this.proposals.committed(index, term, { kind: 'applied', outcome: applied.outcome });
    } else if (entry.kind === 'configuration') {
      this.applyConfiguration(index, term, entry.configuration);
    } else if (term === this.lastStanding.term) this.logClock.catchUp(this.machine.state.clockMs);
  }

  private applyConfiguration(index: number, term: number, configuration: Configuration): void {
    this.changes.committed(index, term, { kind: 'committed', index });
    for (const member of this.heardMs.keys()) {
      if (!isMember(this.raft.configuration, member)) this.heardMs.delete(member);
    }
    for (const watcher of this.watchers) watcher.members?.(index, configuration);
  }

  private serveReadable(): void {
    let served = 0;
    for (; served < this.readable.length && this.readable[served]!.index <= this.machine.index; served += 1) {
      const { ticket } = this.readable[served]!;
      const read = this.reads.get(ticket);
      this.reads.delete(ticket);
      read?.answer(this.machine.reading(read.query));
    }
    if (served > 0) this.readable.splice(0, served);
  }

  private refuse({ ticket, reason }: Refused): void {
    if (this.proposals.refused(ticket, reason) || this.changes.refused(ticket, reason)) return;
    const refused = this.reads.get(ticket)?.answer ?? this.transfers.get(ticket);
    this.reads.delete(ticket);
    this.transfers.delete(ticket);
    refused?.({ kind: 'refused', reason });
  }

  private adopt(standing: Standing): void {
    const before = this.lastStanding;
    this.lastStanding = standing;
    if (standing.term > before.term) this.terms += standing.term - before.term;
    const leads = standing.role === 'leader';
    if (leads && standing.term > before.term) this.logClock.begin(this.machine.state.clockMs);
    const endedBefore = leads ? standing.term : Number.POSITIVE_INFINITY;
    const { committedIndex } = this.machine;
    this.proposals.abandonBefore(endedBefore, committedIndex);
    this.changes.abandonBefore(endedBefore, committedIndex);
    for (const watcher of this.watchers) watcher.standing?.(standing, before);
  }

  /** Leases end by an entry: nobody else would say it while nobody asks. */
  private expireWhatIsDue(): void {
    const dueMs = this.machine.state.nextExpiryMs;
    if (dueMs === null || this.machine.busy || this.expiring || !this.leads || this.logClock.stampMs < dueMs)
      return;
    this.expiring = true;
    this.submit({ command: { type: 'expire' } }, () => {
      this.expiring = false;
    });
  }

  private fail(thrown: unknown): void {
    if (this.ended) return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.end();
    for (const watcher of this.watchers) watcher.failed?.(error);
  }

  /** Nothing is sent, heard or answered as if stored from here on. */
  private end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const stop of this.stops.splice(0)) stop();
    this.held.discard();
    this.images.restart();
    this.inputs = [];
    this.proposed.take();
    const stopped: NotRecorded = { kind: 'refused', reason: 'stopped' };
    this.proposals.stop();
    this.changes.stop();
    for (const { answer } of [...this.reads.values()]) answer(stopped);
    for (const refused of [...this.transfers.values()]) refused(stopped);
    this.reads.clear();
    this.readable.length = 0;
    this.transfers.clear();
  }
}
