import { type Change, ReplicatedState } from '@nexus/core/replicated-state';
import {
  type Configuration,
  type DurableState,
  type Effects,
  type Entry,
  type Input,
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
import { decodeImage } from './image-codec.js';
import { type ImagePolicy, ImageWriter } from './image-writer.js';
import { LogClock } from './log-clock.js';
import { decodeProposal, encodeProposal } from './proposal-codec.js';
import { type Query, readingOf } from './readings.js';
import { RecordedWork } from './recorded-work.js';
import { type ReplicaWatcher } from './replica-watcher.js';
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
/** Members whose last sign of life is remembered; more than any group has. */
const heardMax = 256;

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
  private readonly transfers = new Map<number, (refusal: NotRecorded) => void>();
  private readonly watchers = new Set<ReplicaWatcher>();
  private readonly heardMs = new Map<MemberId, number>();
  private readonly stops: (() => void)[] = [];

  private state: ReplicatedState;
  private applied: number;
  private inputs: Input[] = [];
  private tickDue = false;
  private turnDue = false;
  private ended = false;
  private expiring = false;
  private lastTicket = 0;
  private stood: Standing;
  private terms = 0;

  constructor(private readonly options: ReplicaOptions) {
    const { raft, durable, images, link, clock = systemClock } = options;
    this.clock = clock;
    this.raft = new Raft(raft, durable);
    this.stood = this.raft.standing;
    this.state = stateOf(durable.snapshot);
    this.applied = durable.snapshot?.index ?? 0;
    this.logClock = new LogClock(() => clock.nowMs());
    this.held = new HeldMessages(({ to, message }) => link.send(to, message));
    this.images = new ImageWriter(images, clock, (index, image) =>
      this.enqueue({ kind: 'compact', index, image }),
    );
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
    return this.stood;
  }

  get leads(): boolean {
    return this.stood.role === 'leader' && !this.ended;
  }

  /** The latest configuration in the log, committed or not. */
  get configuration(): Configuration {
    return this.raft.configuration;
  }

  /** The last entry that is in the state. */
  get appliedIndex(): number {
    return this.applied;
  }

  /** Terms that began since the start. */
  get termsSeen(): number {
    return this.terms;
  }

  status(): RaftStatus {
    return this.raft.status;
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
    const refusal = this.refusal();
    if (refusal !== undefined) {
      answer(refusal);
      return;
    }
    const ticket = ++this.lastTicket;
    this.proposals.ask(ticket, answer);
    const { session, requestId, command } = submission;
    const proposal = { atMs: this.logClock.stampMs, session, requestId, command };
    this.enqueue({ kind: 'propose', ticket, command: encodeProposal(proposal) });
  }

  /** Reads what is committed by now, if this replica leads. */
  read(query: Query, answer: AnswerRead): void {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      answer(refusal);
      return;
    }
    const ticket = ++this.lastTicket;
    this.reads.set(ticket, { query, answer });
    this.enqueue({ kind: 'read', ticket });
  }

  /** Reads what this replica happens to know. */
  readLocal(query: Query): ReadReply {
    return readingOf(this.state, query, this.applied);
  }

  /** Changes who takes part, if this replica leads. */
  change(change: MembershipChange, answer: (changed: Changed) => void): void {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      answer(refusal);
      return;
    }
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
    const refusal = this.refusal();
    if (refusal === undefined) {
      this.transfers.set(ticket, refused);
      this.enqueue({ kind: 'transfer', ticket, to });
    } else {
      refused(refusal);
    }
    return () => this.transfers.delete(ticket);
  }

  private refusal(): NotRecorded | undefined {
    if (this.ended) return { kind: 'refused', reason: 'stopped' };
    if (this.stood.role !== 'leader') return { kind: 'refused', reason: 'not_leader' };
    if (this.inputs.length >= inputsMax) return { kind: 'refused', reason: 'overloaded' };
    return undefined;
  }

  private receive(from: MemberId, message: Message): void {
    if (this.inputs.length >= inputsMax) return;
    if (this.heardMs.size >= heardMax && !this.heardMs.has(from)) this.heardMs.clear();
    this.heardMs.set(from, this.clock.nowMs());
    this.enqueue({ kind: 'message', from, message });
  }

  private enqueue(input: Input): void {
    if (this.ended) return;
    this.inputs.push(input);
    this.wake();
  }

  private wake(): void {
    if (this.turnDue || this.ended) return;
    this.turnDue = true;
    this.clock.afterArrivals(() => this.turn());
  }

  private turn(): void {
    this.turnDue = false;
    if (this.ended) return;
    const { inputs, tickDue } = this;
    this.inputs = [];
    this.tickDue = false;
    if (tickDue) inputs.push({ kind: 'tick' });
    try {
      this.execute(this.raft.step(inputs));
      if (tickDue) this.expireWhatIsDue();
    } catch (error) {
      // A broken invariant: whatever this replica would say from here on cannot be trusted.
      this.fail(error);
    }
  }

  private execute(effects: Effects): void {
    if (effects.write !== null) this.persist(effects.write);
    this.held.post(effects.messages);
    this.options.link.flush();
    if (effects.restore !== null) this.restore(effects.restore);
    for (const accepted of effects.accepted) {
      if (!this.proposals.accepted(accepted)) this.changes.accepted(accepted);
    }
    for (const refused of effects.refused) this.refuse(refused);
    if (effects.committed.length > 0) this.apply(effects.committed);
    for (const readable of effects.readable) this.serve(readable);
    if (effects.standing !== null) this.stand(effects.standing);
    if (this.images.due) this.images.write(this.state, this.applied);
  }

  private persist(write: Write): void {
    this.options.store.write(write).then(
      () => {
        if (this.ended) return;
        this.held.written(write.sequence);
        this.enqueue({ kind: 'written', sequence: write.sequence });
      },
      (error: unknown) => this.fail(error),
    );
  }

  private restore(snapshot: Snapshot): void {
    this.state = stateOf(snapshot);
    this.applied = snapshot.index;
    this.images.restart();
    for (const watcher of this.watchers) watcher.restored?.(snapshot.index);
  }

  private apply(entries: readonly Entry[]): void {
    const changes: Change[] = [];
    let bytes = 0;
    for (const entry of entries) {
      const size = entry.kind === 'command' ? entry.command.length : 0;
      bytes += size;
      this.applied = entry.index;
      this.images.applied(size);
      if (entry.kind === 'command') this.applyCommand(entry.index, entry.term, entry.command, changes);
      else if (entry.kind === 'configuration')
        this.applyConfiguration(entry.index, entry.term, entry.configuration);
      else if (entry.term === this.stood.term) this.logClock.catchUp(this.state.clockMs);
    }
    if (changes.length > 0) for (const watcher of this.watchers) watcher.changed?.(changes, bytes);
  }

  private applyCommand(index: number, term: number, command: Uint8Array, changes: Change[]): void {
    const applied = this.state.apply({ index, term }, decodeProposal(command));
    for (const change of applied.changes) changes.push(change);
    this.proposals.committed(index, term, { kind: 'applied', outcome: applied.outcome });
  }

  private applyConfiguration(index: number, term: number, configuration: Configuration): void {
    this.changes.committed(index, term, { kind: 'committed', index });
    for (const watcher of this.watchers) watcher.members?.(index, configuration);
  }

  private serve({ ticket }: Readable): void {
    const read = this.reads.get(ticket);
    if (read === undefined) return;
    this.reads.delete(ticket);
    read.answer(readingOf(this.state, read.query, this.applied));
  }

  private refuse({ ticket, reason }: Refused): void {
    if (this.proposals.refused(ticket, reason) || this.changes.refused(ticket, reason)) return;
    const refused = this.reads.get(ticket)?.answer ?? this.transfers.get(ticket);
    this.reads.delete(ticket);
    this.transfers.delete(ticket);
    refused?.({ kind: 'refused', reason });
  }

  private stand(standing: Standing): void {
    const before = this.stood;
    this.stood = standing;
    if (standing.term > before.term) this.terms += standing.term - before.term;
    const leads = standing.role === 'leader';
    if (leads && standing.term > before.term) this.logClock.begin(this.state.clockMs);
    const endedBefore = leads ? standing.term : Number.POSITIVE_INFINITY;
    this.proposals.abandonBefore(endedBefore);
    this.changes.abandonBefore(endedBefore);
    for (const watcher of this.watchers) watcher.standing?.(standing, before);
  }

  /** Leases end by an entry: nobody else would say it while nobody asks. */
  private expireWhatIsDue(): void {
    const dueMs = this.state.nextExpiryMs;
    if (dueMs === null || this.expiring || !this.leads || this.logClock.stampMs < dueMs) return;
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
    const stopped: NotRecorded = { kind: 'refused', reason: 'stopped' };
    this.proposals.stop();
    this.changes.stop();
    for (const { answer } of [...this.reads.values()]) answer(stopped);
    for (const refused of [...this.transfers.values()]) refused(stopped);
    this.reads.clear();
    this.transfers.clear();
  }
}

const stateOf = (snapshot: Snapshot | null): ReplicatedState =>
  snapshot === null || snapshot.image.length === 0
    ? new ReplicatedState()
    : ReplicatedState.restore(decodeImage(snapshot.image));
