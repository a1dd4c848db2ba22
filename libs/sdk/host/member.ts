import { type Msg } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import { FencingGate } from '../agent/fencing-gate.js';
import { type Letter, type ReadingFault } from '../agent/reading.js';
import { isThenable } from '../agent/thenable.js';
import { within } from '../agent/within.js';
import { type Delivery, type Recipient, type Run } from './delivery.js';
import { type HostDesk } from './host-desk.js';
import {
  type HostCloseOptions,
  type HostedAgent,
  type HostedAgentOptions,
  type HostedHandler,
} from './host-options.js';

const concurrencyDefault = 16;
const queueDefault = 1_024;

/** A message that waits for its turn, and the place of the agent among those that it is for. */
interface Waiting {
  readonly delivery: Delivery;
  readonly slot: number;
}

/** What an agent has for messages in causal order, once it was sent one. */
export interface OrderedPart extends Loads {
  take(letter: Letter, replySubject: string | undefined): void;
  takeFrom(peer: string, source: Msg, reading: Letter | ReadingFault): void;
  /** After an outage of the connection. */
  reconnected(): void;
  close(drainTimeoutMs: number): Promise<void>;
}

type Loads = Pick<Recipient, 'queueDepth' | 'active'>;

/** `joining` holds what comes until routing has answered; `out` is refused, or has left. */
type Standing = 'joining' | 'in' | 'leaving' | 'out';

/** One agent of a host. What it does not use it does not have: a process may hold a hundred thousand. */
export class Member implements HostedAgent, Recipient {
  readonly agentId: string;
  readonly groups: readonly string[];
  readonly maxConcurrency: number;
  private standing: Standing = 'joining';
  private running = 0;
  private stuck = 0;
  private waiting: Waiting[] | undefined;
  private fence: FencingGate | undefined;
  private idle: (() => void)[] | undefined;
  private closing: Promise<void> | undefined;
  private part: OrderedPart | undefined;

  /** @param leave takes it out of the fleet; nothing new is sent to it once that resolves */
  constructor(
    readonly options: HostedAgentOptions,
    private readonly desk: HostDesk,
    private readonly leave: (member: Member) => Promise<void>,
  ) {
    this.agentId = options.agentId;
    this.groups = [...new Set(options.groups ?? [])];
    this.maxConcurrency = options.maxConcurrency ?? concurrencyDefault;
  }

  get registered(): boolean {
    return this.standing === 'in';
  }

  get queueDepth(): number {
    return this.held + (this.part?.queueDepth ?? 0);
  }

  get active(): number {
    return this.running + this.stuck + (this.part?.active ?? 0);
  }

  /** How much it takes in at once. */
  get bounds(): { readonly activeMax: number; readonly waitingMax: number } {
    return { activeMax: this.maxConcurrency, waitingMax: this.options.queueMax ?? queueDefault };
  }

  /** What it has for messages in causal order; undefined while it was sent none. */
  get ordered(): OrderedPart | undefined {
    return this.part;
  }

  /** What it has for messages in causal order; made now if need be. Undefined while routing does not know the agent. */
  orderedBy(make: (member: Member) => OrderedPart): OrderedPart | undefined {
    if (this.standing !== 'in') return this.part;
    this.desk.busy.add(this);
    return (this.part ??= make(this));
  }

  close({ drainTimeoutMs = 5_000 }: HostCloseOptions = {}): Promise<void> {
    this.closing ??= this.leave(this).then(async () => {
      this.turnAwayNew();
      await Promise.all([within(this.whenIdle(), drainTimeoutMs), this.part?.close(drainTimeoutMs)]);
      // One that keeps an order stands there for good, and would be kept with all that it has.
      this.desk.busy.delete(this);
    });
    return this.closing;
  }

  /** Takes a message: calls the handler, has it wait for its turn, or turns it away. */
  take(delivery: Delivery, slot: number): void {
    if (
      this.standing === 'in' &&
      this.waiting === undefined &&
      this.running + this.stuck < this.maxConcurrency &&
      delivery.fencingToken === undefined
    ) {
      this.begin(delivery, slot);
      return;
    }
    this.takeSlowly(delivery, slot);
  }

  /** Routing knows it: works on what was held, and on what comes. */
  admit(): void {
    if (this.standing !== 'joining') return;
    this.standing = 'in';
    this.next();
  }

  /** Routing has to be asked again: holds what comes. */
  hold(): void {
    if (this.standing === 'out') this.standing = 'joining';
  }

  /** Another may have its id: what came and was not started is dropped. */
  turnOut(): void {
    this.standing = 'out';
    for (const { delivery } of this.takeWaiting()) {
      this.desk.stats.notRegistered += 1;
      this.desk.drop('not_registered', delivery.source.subject);
      delivery.waitsNoMore(this);
      delivery.endIfDone();
    }
  }

  /** Finishes what was taken in, and takes no more. */
  turnAwayNew(): void {
    if (this.standing === 'in') this.standing = 'leaving';
    else this.turnOut();
  }

  /** A message that waits has used up its budget: whoever asked has given up. */
  letGo(delivery: Delivery): void {
    const waiting = this.takeWaiting();
    for (const each of waiting) {
      if (each.delivery === delivery) this.dropExpired(delivery);
      else this.wait(each);
    }
    this.rested();
  }

  /** A handler has outlasted its budget by so much that its place goes to others. */
  stick(): void {
    this.running -= 1;
    this.stuck += 1;
    this.desk.stats.stuck += 1;
    this.next();
  }

  async whenIdle(): Promise<void> {
    if (this.running === 0 && this.waiting === undefined) return;
    await new Promise<void>((resolve) => (this.idle ??= []).push(resolve));
  }

  private takeSlowly(delivery: Delivery, slot: number): void {
    const refusal = this.refusal(delivery);
    if (this.standing === 'out') {
      this.desk.stats.notRegistered += 1;
      this.desk.drop('not_registered', delivery.source.subject);
    } else if (refusal) delivery.fail(this, slot, refusal);
    else if (this.standing === 'in' && this.waiting === undefined && this.running < this.maxConcurrency) {
      this.begin(delivery, slot);
    } else {
      this.wait({ delivery, slot });
      delivery.waits(this);
      this.desk.busy.add(this);
    }
  }

  private refusal(delivery: Delivery): NexusError | undefined {
    const { stats } = this.desk;
    if (this.standing === 'leaving') return new NexusError('unavailable', 'the agent is leaving');
    if (!this.fenceAdmits(delivery)) {
      stats.outdated += 1;
      return new NexusError('conflict', 'the sender has lost its lease on this agent');
    }
    // As many handlers are stuck as may run at once: more would only get stuck too.
    if (this.stuck >= this.maxConcurrency) {
      stats.overloaded += 1;
      return new NexusError('overloaded', 'too many handlers have outlasted their budget');
    }
    if (this.running >= this.maxConcurrency || this.standing === 'joining') {
      if (this.held < this.bounds.waitingMax) return undefined;
      stats.overloaded += 1;
      return new NexusError('overloaded', 'the queue is full');
    }
    return undefined;
  }

  private fenceAdmits({ fencingToken }: Delivery): boolean {
    if (fencingToken === undefined) return true;
    this.fence ??= new FencingGate();
    return this.fence.admits(fencingToken);
  }

  private begin(delivery: Delivery, slot: number): void {
    const handler = this.options.handlers[delivery.kind] as HostedHandler | undefined;
    if (delivery.flaw !== undefined) {
      delivery.threw(this, slot, delivery.flaw);
      return;
    }
    if (handler === undefined) {
      const why = `agent ${this.agentId} does not handle ${delivery.kind}`;
      delivery.threw(this, slot, new NexusError('not_found', why));
      return;
    }
    this.desk.stats.delivered += 1;
    let returned: unknown;
    try {
      returned = handler(delivery, this);
    } catch (thrown) {
      delivery.threw(this, slot, thrown);
      return;
    }
    if (isThenable(returned)) this.follow(delivery, slot, returned);
    else delivery.returned(this, slot, returned);
  }

  private follow(delivery: Delivery, slot: number, handling: PromiseLike<unknown>): void {
    const run: Run = { member: this, slot, late: false, stuck: false };
    this.running += 1;
    this.desk.busy.add(this);
    delivery.began(run);
    handling.then(
      (data) => this.ended(delivery, run, () => delivery.returned(this, slot, data)),
      (thrown: unknown) => this.ended(delivery, run, () => delivery.threw(this, slot, thrown)),
    );
  }

  private ended(delivery: Delivery, run: Run, answer: () => void): void {
    if (!run.late) answer();
    delivery.ended(run);
    if (run.stuck) {
      this.stuck -= 1;
      this.desk.stats.stuck -= 1;
      this.rested();
      return;
    }
    this.running -= 1;
    this.next();
  }

  /** Gives their turn to those that wait, as far as there is room. */
  private next(): void {
    while (this.waiting && this.standing !== 'joining' && this.running < this.maxConcurrency) {
      const { delivery, slot } = this.waiting.shift()!;
      if (this.waiting.length === 0) this.waiting = undefined;
      delivery.waitsNoMore(this);
      if (delivery.expired) this.dropExpired(delivery);
      // While it waited, the lease may have passed to another.
      else if (this.fenceAdmits(delivery)) this.begin(delivery, slot);
      else {
        this.desk.stats.outdated += 1;
        const why = 'the sender has lost its lease on this agent';
        delivery.fail(this, slot, new NexusError('conflict', why));
      }
      delivery.endIfDone();
    }
    this.rested();
  }

  private get held(): number {
    return this.waiting?.length ?? 0;
  }

  private wait(waiting: Waiting): void {
    (this.waiting ??= []).push(waiting);
  }

  private takeWaiting(): Waiting[] {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    return waiting;
  }

  private dropExpired(delivery: Delivery): void {
    this.desk.stats.expired += 1;
    this.desk.drop('expired', delivery.source.subject);
    delivery.waitsNoMore(this);
  }

  /** Nothing may be left to do. */
  private rested(): void {
    if (this.running > 0 || this.waiting !== undefined) return;
    if (this.stuck === 0 && !this.part) this.desk.busy.delete(this);
    const { idle } = this;
    this.idle = undefined;
    idle?.forEach((resolve) => resolve());
  }
}
