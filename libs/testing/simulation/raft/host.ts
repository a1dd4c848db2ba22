import { type MemberId, type Outgoing, type Snapshot, type Write } from '@nexus/core/raft';
import { SeededRandom } from '../seeded-random.js';
import { SimulatedDisk } from '../simulated-disk.js';
import { Gateway } from './gateway.js';
import { Member } from './member.js';
import { MemberRecord } from './member-record.js';
import { type Ask } from './request.js';
import { type WorldContext } from './world-context.js';

interface HostOptions {
  readonly name: string;
  readonly context: WorldContext;
  /** What is sent to whom; the host adds who sends. */
  readonly send: (from: MemberRecord, outgoing: Outgoing) => void;
  readonly forward: (from: Host, to: MemberId, ask: Ask) => void;
}

/** A machine: a disk, and on it the store of a member, which runs or does not. */
export class Host {
  readonly name: string;
  readonly disk: SimulatedDisk<Write>;
  private readonly random: SeededRandom;
  private stores = 0;
  private lives = 0;
  private stored: MemberRecord | null = null;
  private running: Member | null = null;
  private client: Gateway | null = null;

  constructor(private readonly options: HostOptions) {
    const { name, context } = options;
    const { timeline, coverage, scenario } = context;
    this.name = name;
    this.random = new SeededRandom(scenario.seed).fork(name);
    this.disk = new SimulatedDisk({
      timeline,
      random: this.random.fork('disk'),
      coverage,
      flushMsMin: 0.2,
      flushMsMax: scenario.flushMsMax,
      onDurable: (write) => this.durable(write),
      onFailed: (reason) => this.failed(reason),
    });
  }

  /** Undefined as long as it was never formatted. */
  get record(): MemberRecord | null {
    return this.stored;
  }

  get member(): Member | null {
    return this.running;
  }

  get gateway(): Gateway | null {
    return this.client;
  }

  /** Puts a new store on it, whose member was never heard of before. @param base null for a blank one */
  format(base: Snapshot | null): MemberRecord {
    this.stores++;
    const id = `${this.name}.${this.stores}` as MemberId;
    this.stored = new MemberRecord(id, this.name, base);
    return this.stored;
  }

  start(): void {
    const { stored } = this;
    if (this.running || !stored) return;
    this.lives++;
    const { context, send } = this.options;
    const member = new Member({
      context,
      record: stored,
      random: this.random.fork(`life ${this.lives}`),
      write: (write) => this.disk.write(write),
      send: (outgoing) => send(stored, outgoing),
    });
    this.running = member;
    this.client = this.open(member);
    context.trace.line(context.timeline.nowMs, () => `${stored.id} starts`);
  }

  /** The process ends; the disk keeps what it has by chance. */
  crash(): void {
    if (!this.running) return;
    this.end();
    this.disk.crash();
  }

  private end(): void {
    const { context } = this.options;
    this.running?.stop();
    this.running = null;
    this.client = null;
    context.trace.line(context.timeline.nowMs, () => `${this.name} stops`);
  }

  private durable(write: Write): void {
    const { stored } = this;
    if (!stored) return;
    const before = stored.durable.hardState;
    stored.makeDurable(write);
    this.options.context.invariants.durability.written(stored, before);
    this.running?.durable(write);
  }

  /** Who cannot store ends (R25): it must not answer as if it had. */
  private failed(reason: string): void {
    this.options.context.coverage.count(`member: stopped, disk ${reason}`);
    this.crash();
  }

  private open(member: Member): Gateway {
    const { context, forward } = this.options;
    const { timeline, coverage, scenario } = context;
    return new Gateway({
      clientId: `${this.name}-${this.lives}`,
      timeline,
      random: this.random.fork(`gateway ${this.lives}`),
      coverage,
      attemptMs: 2 * scenario.raft.electionTicksMin * scenario.tickMs,
      leader: () => member.standing.leader,
      forward: (to, ask) => {
        if (to === this.stored?.id) member.ask(ask);
        else forward(this, to, ask);
      },
      appliedIndex: () => member.appliedIndex,
      inTurn: (run) => member.process.post({ kind: 'call', run }),
    });
  }
}
