import {
  type Convergence,
  type Effects,
  type Input,
  type MemberId,
  type MemberKind,
  type MemberView,
  type Outgoing,
  type StepContext,
} from '@nexus/core/gossip';
import { type SeededRandom } from '../seeded-random.js';
import { SimulatedProcess } from '../simulated-process.js';
import { type Gossiper } from './cores.js';
import { type Judge, type Observer } from './stepped.js';
import { type Life } from './truth.js';
import { type GossipContext } from './world-context.js';

export interface HostOptions {
  readonly name: string;
  readonly kind: MemberKind;
  readonly context: GossipContext;
  readonly clockOffsetMs: number;
  readonly send: (from: Host, outgoing: Outgoing) => void;
}

/** A machine on which a member lives, again and again. */
export class Host {
  readonly id: MemberId;
  readonly kind: MemberKind;
  private running: Running | null = null;
  private clockOffsetMs: number;
  private readonly random: SeededRandom;
  private values = 0;

  constructor(private readonly options: HostOptions) {
    this.id = options.name as MemberId;
    this.kind = options.kind;
    this.clockOffsetMs = options.clockOffsetMs;
    this.random = options.context.random.fork(`host/${options.name}`);
  }

  get life(): Life | null {
    return this.running?.life ?? null;
  }

  get member(): Gossiper | null {
    return this.running?.member ?? null;
  }

  get process(): SimulatedProcess<Input> | null {
    return this.running?.process ?? null;
  }

  pick<T>(choices: readonly T[]): T {
    return this.random.pick(choices);
  }

  /** The wall clock of the machine. */
  get wallMs(): number {
    return Math.floor(
      this.options.context.timeline.nowMs + this.options.context.epochMs + this.clockOffsetMs,
    );
  }

  setClock(byMs: number): void {
    this.clockOffsetMs += byMs;
  }

  start(): void {
    if (this.running) return;
    const { context } = this.options;
    const { scenario, cores, timeline, coverage, truth } = context;
    const self = { id: this.id, kind: this.kind, generation: this.wallMs };
    const life = truth.begin(this.id, self.generation, timeline.nowMs);
    const random = this.random.fork(`life/${life.number}`);
    const process = new SimulatedProcess<Input>({
      ...{ timeline, random: random.fork('turns'), coverage, turnDelayMsMax: 1, inputsMax: 4_096 },
      ...{ tickMs: scenario.gossip.roundMs, jitter: scenario.jitter },
      onTurn: (inputs, isTick) => this.turn(life, inputs, isTick),
    });
    const member = new cores.GossipMember({ ...scenario.gossip, self });
    this.running = { life, process, member, draw: () => random.next() };
    coverage.count('gossip: lives');
  }

  /** The process is gone, with all that it knew. */
  crash(): void {
    if (!this.running) return;
    this.running.process.stop();
    this.running.life.endedAtMs = this.options.context.timeline.nowMs;
    this.running = null;
  }

  /** Says goodbye, and ends. */
  leave(): void {
    if (this.running?.process.isRunning) {
      this.running.life.left = true;
      this.step({ kind: 'leave' });
    }
    this.crash();
  }

  /** A value that nobody has put before; null removes the key. */
  put(key: string, { urgent, removes }: { readonly urgent: boolean; readonly removes: boolean }): void {
    if (!this.running?.process.isRunning) return;
    const { life } = this.running;
    if (removes && (life.keys.get(key)?.value ?? null) === null) return;
    this.options.context.coverage.count(removes ? 'gossip: keys removed' : 'gossip: keys put');
    if (removes) this.step({ kind: 'delete', key, urgent });
    else this.step({ kind: 'put', key, urgent, value: this.nextValue(life) });
  }

  /** Removes all its keys but one, which gets a new value: so that all their tombstones may be collected. */
  prune(): void {
    const [first, ...others] = this.options.context.scenario.keys;
    for (const key of others) this.put(key, { urgent: false, removes: true });
    if (first !== undefined) this.put(first, { urgent: false, removes: false });
  }

  /** No value is put twice; some are long, so that not all fits into one message. */
  private nextValue(life: Life): string {
    const number = ++this.values;
    const sizes = this.options.context.scenario.gossip.valueBytesMax - 19;
    return `${this.id}/${life.number}/${number}/`.padEnd(10 + ((17 * number) % sizes), '.');
  }

  /** Something that its user does. */
  change(input: Extract<Input, { readonly kind: 'put' | 'delete' }>): void {
    if (this.running?.process.isRunning) this.step(input);
  }

  get views(): readonly MemberView[] {
    return this.running?.member.members() ?? [];
  }

  get convergence(): Convergence | null {
    return this.running?.member.convergence() ?? null;
  }

  /** Null while nobody lives here. */
  get observer(): Observer | null {
    if (!this.running) return null;
    const { life, member } = this.running;
    const views = new Map(member.members().map((view) => [view.id, view]));
    const { id, kind } = this;
    return {
      id,
      kind,
      life,
      localMs: this.nowMs,
      views,
      convergence: member.convergence(),
      keysOf: (of) => member.keysOf(of),
    };
  }

  get nowMs(): number {
    return this.running?.process.localNowMs ?? 0;
  }

  /** What has arrived is read before a round that is due, also after a pause: as the timer of a real member sees to it. */
  private turn(life: Life, inputs: readonly Input[], isTick: boolean): void {
    if (this.running?.life !== life) return;
    for (const input of inputs) this.step(input);
    if (!isTick) return;
    this.step({ kind: 'vitals', vitals: this.options.context.scenario.vitals });
    this.step({ kind: 'round' });
  }

  private step(input: Input): void {
    if (!this.running) return;
    const { member, draw } = this.running;
    const { context, send } = this.options;
    const stepContext: StepContext = { nowMs: this.nowMs, wallMs: this.wallMs, random: draw };
    const effects = member.step([input], stepContext);
    context.watch?.(this.id, input, effects);
    if (context.judge) this.show(context.judge, input, effects);
    for (const outgoing of effects.messages) send(this, outgoing);
  }

  private show(judge: Judge, input: Input, effects: Effects): void {
    const { observer } = this;
    if (!observer) return;
    this.note(observer.life, observer.views.get(this.id), input);
    judge({ observer, input, effects });
  }

  /** What the member now says of itself is what is so. */
  private note(life: Life, own: MemberView | undefined, input: Input): void {
    const { truth, coverage } = this.options.context;
    if (!own) return;
    if (own.generation !== life.generation) {
      coverage.count('gossip: generation raised');
      truth.regenerated(life, own.generation);
    }
    // Refused for want of room: nothing was changed.
    if (own.maxVersion === life.maxVersion) return;
    if (input.kind === 'put') truth.changed(life, input.key, input.value, own.maxVersion);
    if (input.kind === 'delete') truth.changed(life, input.key, null, own.maxVersion);
  }
}

interface Running {
  readonly life: Life;
  readonly process: SimulatedProcess<Input>;
  readonly member: Gossiper;
  readonly draw: () => number;
}
