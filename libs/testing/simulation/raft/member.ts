import { assertNever } from '@nexus/core/invariant';
import {
  type Configuration,
  type Effects,
  type Entry,
  type Input,
  type MemberId,
  type Message,
  type Outgoing,
  type Raft,
  type Standing,
  type Write,
} from '@nexus/core/raft';
import { type LogClock, type ReplicatedState } from '@nexus/core/replicated-state';
import { type SeededRandom } from '../seeded-random.js';
import { SimulatedProcess } from '../simulated-process.js';
import { hold } from '../violation.js';
import { Desk } from './desk.js';
import { decodeImage, encodeImage, imageText } from './image-codec.js';
import { Patience } from './invariants/patience.js';
import { leads } from './invariants/stepped.js';
import { type MemberRecord } from './member-record.js';
import { type Ask } from './request.js';
import { stateLimits } from './state-limits.js';
import { traceStep } from './trace-step.js';
import { type WorldContext } from './world-context.js';

export type MemberInput =
  | { readonly kind: 'message'; readonly from: MemberId; readonly message: Message }
  | { readonly kind: 'written'; readonly sequence: number }
  | { readonly kind: 'ask'; readonly ask: Ask }
  /** Something else that is done in a turn of the process. */
  | { readonly kind: 'call'; readonly run: () => void };

interface MemberOptions {
  readonly context: WorldContext;
  readonly record: MemberRecord;
  readonly random: SeededRandom;
  readonly write: (write: Write) => void;
  readonly send: (outgoing: Outgoing) => void;
}

/** One life of a member: the core, the state machine, and the duties of who runs them (see `Effects`). */
export class Member {
  readonly process: SimulatedProcess<MemberInput>;
  readonly desk: Desk;
  private readonly raft: Raft;
  private readonly patience: Patience;
  private state: ReplicatedState;
  private applied: number;
  private snapshotIndex: number;
  /** Of the last write that the disk holds, and of the last that the process knows of. */
  private flushedSequence = 0;
  private durableSequence = 0;
  /** Messages that wait for a write, and those whose write is durable, which the process does not know yet. */
  private held: Outgoing[] = [];
  private asked: Ask[] = [];
  private readonly logClock: LogClock;

  constructor(private readonly options: MemberOptions) {
    const { context, record, random } = options;
    const { scenario, cores, timeline, coverage, table, invariants, trace } = context;
    const durable = record.restart();
    const raftOptions = { ...scenario.raft, self: record.id, random: () => random.next() };
    this.raft = new cores.Raft(raftOptions, durable);
    this.patience = new Patience(raftOptions);
    const { snapshot } = durable;
    this.state = snapshot
      ? cores.ReplicatedState.restore(decodeImage(snapshot.image), stateLimits)
      : new cores.ReplicatedState(stateLimits);
    this.applied = snapshot?.index ?? 0;
    this.snapshotIndex = this.applied;
    this.desk = new Desk({ member: record.id, table, invariants, coverage, trace });
    this.logClock = new cores.LogClock(() => this.process.localNowMs);
    this.process = new SimulatedProcess({
      timeline,
      random: random.fork('turns'),
      coverage,
      tickMs: scenario.tickMs,
      turnDelayMsMax: 1,
      inputsMax: 4_096,
      onTurn: (inputs, isTick) => this.turn(inputs, isTick),
    });
  }

  get standing(): Standing {
    return this.raft.standing;
  }

  get appliedIndex(): number {
    return this.applied;
  }

  stop(): void {
    this.process.stop();
  }

  /** A write is durable: what waited for it may leave, once the process hears of it. */
  durable({ sequence }: Write): void {
    const { context, record } = this.options;
    this.flushedSequence = sequence;
    for (const outgoing of this.held)
      if (outgoing.afterWrite === sequence) context.invariants.durability.leaves(record, outgoing);
    this.process.post({ kind: 'written', sequence });
  }

  private turn(arrived: readonly MemberInput[], isTick: boolean): void {
    const inputs: Input[] = [];
    for (const input of arrived) {
      switch (input.kind) {
        case 'message':
          inputs.push(input);
          break;
        case 'written':
          this.release(input.sequence);
          inputs.push(input);
          break;
        case 'ask':
          this.asked.push(input.ask);
          break;
        case 'call':
          input.run();
          break;
        default:
          assertNever(input);
      }
    }
    // A tick last: what has arrived is heard before it is judged who was silent.
    if (isTick) this.beforeTick(inputs);
    const { asked } = this;
    this.asked = [];
    for (const ask of asked) inputs.push(this.desk.take(ask, this.logClock.stampMs));
    if (isTick) inputs.push({ kind: 'tick' });
    if (inputs.length > 0) this.step(inputs);
  }

  /** Asks within the turn that is under way. */
  ask(ask: Ask): void {
    this.asked.push(ask);
  }

  private beforeTick(inputs: Input[]): void {
    const { scenario, coverage } = this.options.context;
    if (this.applied - this.snapshotIndex >= scenario.compactEvery) {
      coverage.count('raft: compactions');
      this.snapshotIndex = this.applied;
      inputs.push({ kind: 'compact', index: this.applied, image: this.image() });
    }
    const { nextExpiryMs } = this.state;
    if (leads(this.standing) && nextExpiryMs !== null && nextExpiryMs <= this.logClock.stampMs)
      this.asked.push({ request: { kind: 'propose', command: { type: 'expire' } }, reply: () => undefined });
  }

  private step(inputs: readonly Input[]): void {
    const { context, record } = this.options;
    const before = this.standing;
    const { configuration: configurationBefore, last: logEndBefore } = record.current;
    const effects = this.raft.step(inputs);
    const after = this.standing;
    hold(
      isSameStanding(effects.standing ?? before, after),
      'a change of standing is told',
      () => `${record.id} is ${JSON.stringify(after)}, and said ${JSON.stringify(effects.standing)}`,
    );
    traceStep(context, { record, inputs, effects, after });
    if (effects.write) {
      context.invariants.logs.issuing(record, effects.write, after.term);
      record.issue(effects.write);
    }
    const configurations = [configurationBefore, record.current.configuration] as const;
    hold(
      isSameConfiguration(this.raft.configuration, record.current.configuration),
      'the configuration in force is the last one in the log',
      () =>
        `${record.id} goes by ${JSON.stringify(this.raft.configuration)}, ` +
        `its log ends with ${JSON.stringify(record.current.configuration)}`,
    );
    const logEnds = [logEndBefore, record.current.last] as const;
    context.invariants.stepped(
      { record, inputs, effects, before, after, configurations, logEnds },
      this.patience,
    );
    this.execute(effects, before, after);
  }

  private execute(effects: Effects, before: Standing, after: Standing): void {
    const { write, context } = this.options;
    for (const outgoing of effects.messages) this.dispatch(outgoing);
    this.desk.sort(effects);
    if (effects.restore) this.restore(effects.restore.index, effects.restore.image);
    if (effects.restore && effects.write?.snapshot) context.coverage.count('raft: snapshots installed');
    for (const entry of effects.committed) this.apply(entry);
    this.desk.serve(effects, this.state, this.applied);
    if (leads(before) && !(leads(after) && before.term === after.term)) this.desk.stepDown();
    if (leads(after) && !(leads(before) && before.term === after.term))
      this.logClock.begin(this.state.clockMs);
    // Last, as a full disk fails at once, and with it the member.
    if (effects.write) write(effects.write);
  }

  private dispatch(outgoing: Outgoing): void {
    const { send, record, context } = this.options;
    if (outgoing.afterWrite <= this.flushedSequence) context.invariants.durability.leaves(record, outgoing);
    if (outgoing.afterWrite > this.durableSequence) this.held.push(outgoing);
    else send(outgoing);
  }

  private release(sequence: number): void {
    this.durableSequence = Math.max(this.durableSequence, sequence);
    const ready = this.held.filter(({ afterWrite }) => afterWrite <= sequence);
    if (ready.length === 0) return;
    this.held = this.held.filter(({ afterWrite }) => afterWrite > sequence);
    for (const outgoing of ready) this.options.send(outgoing);
  }

  private restore(index: number, image: Uint8Array): void {
    const { context, record } = this.options;
    context.invariants.applications.image(record.id, index, imageText(image));
    this.state = context.cores.ReplicatedState.restore(decodeImage(image), stateLimits);
    this.applied = index;
    this.snapshotIndex = index;
  }

  private apply(entry: Entry): void {
    const { context, record } = this.options;
    const { applications } = context.invariants;
    const previous = this.applied;
    this.applied = entry.index;
    if (entry.kind !== 'command') {
      hold(entry.index === previous + 1, 'each entry is applied once, in order', () => record.id);
      if (entry.kind === 'noop' && leads(this.standing) && entry.term === this.standing.term) this.catchUp();
      this.desk.applied(entry, null);
      return;
    }
    const proposal = context.table.decode(entry.command);
    const clockMs = this.state.clockMs;
    const applied = this.state.apply(entry, proposal);
    context.trace.value(applied);
    hold(
      this.state.clockMs >= clockMs && this.state.clockMs >= proposal.atMs,
      'the clock of the log never goes back',
      () => `entry ${entry.index}, stamped ${proposal.atMs}: ${clockMs} → ${this.state.clockMs}`,
    );
    applications.applied({ member: record.id, index: entry.index, proposal, applied }, previous);
    this.desk.applied(entry, applied.outcome);
  }

  private image(): Uint8Array {
    const { context, record } = this.options;
    const image = encodeImage(this.state.image());
    context.invariants.applications.image(record.id, this.applied, imageText(image));
    return image;
  }

  /** All that earlier leaders stamped is applied now. */
  private catchUp(): void {
    this.logClock.catchUp(this.state.clockMs);
    hold(
      this.logClock.stampMs >= this.state.clockMs,
      'a leader stamps no earlier than the leaders before it',
      () => `${this.options.record.id} is at ${this.logClock.stampMs}, the log at ${this.state.clockMs}`,
    );
  }
}

function isSameConfiguration(a: Configuration, b: Configuration): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function isSameStanding(a: Standing, b: Standing): boolean {
  return a.role === b.role && a.term === b.term && a.leader === b.leader;
}
