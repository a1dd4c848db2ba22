import {
  type CausalReceiver,
  type CausalSender,
  type Channel,
  idOfSender,
  type Kept,
  type ReceiverEffects,
  type ReceiverInput,
  type Repair,
  type SenderId,
} from '@nexus/core/causality';
import { assertNever } from '@nexus/core/invariant';
import { type SeededRandom } from '../seeded-random.js';
import { SimulatedProcess } from '../simulated-process.js';
import { Past, type Letter } from './history.js';
import { type Keeper } from './judge.js';
import { Listener } from './listener.js';
import { type Post } from './post.js';
import { type CausalityContext } from './world-context.js';

interface NodeOptions {
  readonly name: string;
  /** None: a coordinator, who sends and hears answers. */
  readonly channels: readonly Channel[] | null;
  readonly context: CausalityContext;
  readonly send: (from: string, to: string, post: Post) => void;
}

/** One life of a process. */
interface Running {
  readonly self: SenderId;
  readonly process: SimulatedProcess<Post>;
  readonly sender: CausalSender;
  readonly receiver: CausalReceiver<Letter> | null;
  readonly kept: Kept<Letter>;
  readonly keptAt: Map<number, number>;
  /** Broadcasts in the order in which they were kept, a channel. */
  readonly ring: Map<Channel, number[]>;
  readonly past: Past;
  readonly listener: Listener | null;
  /** A message to single receivers that comes twice is told by its id, before it comes to the core. */
  readonly known: Set<number>;
}

const tickMs = 25;
const letterBytes = 100;
const repairLetters = 8;

/** A coordinator or an agent: who runs the cores, as the services and the SDK do. */
export class Node {
  readonly name: string;
  readonly channels: readonly Channel[] | null;
  private running: Running | null = null;
  private lives = 0;
  private readonly random: SeededRandom;

  constructor(private readonly options: NodeOptions) {
    this.name = options.name;
    this.channels = options.channels;
    this.random = options.context.random.fork(`node/${options.name}`);
  }

  get process(): SimulatedProcess<Post> | null {
    return this.running?.process ?? null;
  }

  get self(): SenderId | null {
    return this.running?.self ?? null;
  }

  get listener(): Listener | null {
    return this.running?.listener ?? null;
  }

  get held(): number {
    return this.running?.receiver?.held ?? 0;
  }

  get keeper(): Keeper | null {
    if (!this.running) return null;
    const { keptAt, ring } = this.running;
    const { messagesMax } = this.options.context.scenario.kept;
    return {
      name: this.name,
      // The latest are kept, whatever the core says of them: a run is shorter than they may be old.
      keptSinceMs: ({ number, stamp: { broadcast } }) => {
        const latest = ring.get(broadcast?.channel ?? '')?.slice(-messagesMax) ?? [];
        return latest.includes(number) ? keptAt.get(number) : undefined;
      },
    };
  }

  start(): void {
    if (this.running) return;
    this.lives++;
    const { context } = this.options;
    const { scenario, cores, timeline, coverage } = context;
    const self = `${this.name}.life${String(this.lives).padStart(4, '0')}`;
    const process = new SimulatedProcess<Post>({
      ...{ timeline, random: this.random.fork(self), coverage, tickMs, turnDelayMsMax: 1, inputsMax: 4_096 },
      onTurn: (posts, isTick) => this.turn(posts, isTick),
    });
    const { channels } = this;
    this.running = {
      ...{ self, process },
      sender: new cores.CausalSender({ ...scenario.sender, self }),
      receiver: channels && new cores.CausalReceiver<Letter>({ ...scenario.receiver, channels, self }),
      kept: new cores.Kept<Letter>(scenario.kept),
      ...{ keptAt: new Map(), ring: new Map(), past: new Past(), known: new Set() },
      listener:
        channels && new Listener({ name: this.name, sender: self, channels, startedAtMs: timeline.nowMs }),
    };
    coverage.count('causality: lives');
    this.listen([{ kind: 'tick' }]);
  }

  crash(): void {
    this.running?.process.stop();
    this.running = null;
  }

  /** To everybody on the channel, oneself included. */
  broadcast(channel: Channel): void {
    if (!this.running?.process.isRunning) return;
    const { context, send } = this.options;
    const { sender, past, listener } = this.running;
    const stamp = sender.broadcast(channel, this.nowMs);
    const letter = context.history.enter(stamp, past, context.timeline.nowMs);
    context.coverage.count('causality: broadcasts');
    context.trace.line(
      context.timeline.nowMs,
      () => `${this.name} broadcasts #${letter.number} ${stampText(letter)}`,
    );
    this.keep(letter, channel);
    for (const name of context.membersOf(channel))
      if (name !== this.name) send(this.name, name, { kind: 'letter', letter });
    if (!this.channels?.includes(channel)) return;
    listener!.ownWaiting.add(letter.number);
    this.listen([{ kind: 'sent', stamp, message: letter }]);
  }

  /** To single agents. */
  target(names: readonly string[]): void {
    if (!this.running?.process.isRunning) return;
    const { context, send } = this.options;
    const letter = context.history.enter(
      this.running.sender.targeted(),
      this.running.past,
      context.timeline.nowMs,
    );
    context.coverage.count('causality: targeted');
    context.trace.line(
      context.timeline.nowMs,
      () => `${this.name} sends #${letter.number} to ${names.join()} ${stampText(letter)}`,
    );
    for (const name of names) if (name !== this.name) send(this.name, name, { kind: 'letter', letter });
  }

  /** Somebody claims that these have sent so much. */
  believe(sequence: number, of: readonly SenderId[]): void {
    const claimed = new Map(of.map((sender) => [sender, sequence]));
    const frontiers = new Map(this.options.context.channels.map((channel) => [channel, claimed]));
    this.running?.sender.observe(frontiers, { nowMs: this.nowMs });
  }

  /** What a sender says of its own broadcasts. */
  private hearOf(sender: SenderId, channel: Channel, sequence: number): void {
    const own = new Map([[channel, new Map([[sender, sequence]])]]);
    this.running!.sender.observe(own, { nowMs: this.nowMs, by: sender });
  }

  private get nowMs(): number {
    return this.running?.process.localNowMs ?? 0;
  }

  private turn(posts: readonly Post[], isTick: boolean): void {
    const inputs: ReceiverInput<Letter>[] = [];
    for (const post of posts) inputs.push(...this.take(post));
    if (isTick) {
      inputs.push({ kind: 'tick' });
      this.tellOfSequences();
    }
    if (inputs.length > 0) this.listen(inputs);
  }

  private tellOfSequences(): void {
    if (!this.running) return;
    const { sender, self } = this.running;
    const sequences = sender.takeBeacons(this.nowMs);
    if (sequences.size > 0) this.toAll({ kind: 'beacon', sender: self, sequences });
  }

  /** What a post means to the core that receives; what is for others is done at once. */
  private take(post: Post): ReceiverInput<Letter>[] {
    if (!this.running) return [];
    const { sender, self, kept, past } = this.running;
    switch (post.kind) {
      case 'letter':
        return this.takeLetter(post.letter);
      case 'beacon':
        return [...post.sequences].map(([channel, sequence]) => {
          this.listener?.senderSaid(post.sender, channel, sequence);
          return { kind: 'sender_frontier', sender: post.sender, channel, sequence };
        });
      case 'where_do_you_stand':
        this.options.send(this.name, post.asker, { kind: 'here', sender: self, frontiers: sender.frontiers });
        return [];
      case 'here':
        for (const channel of this.channels ?? [])
          this.listener?.senderSaid(post.sender, channel, post.frontiers.get(channel)?.get(post.sender) ?? 0);
        this.listener?.othersSaid(post.frontiers);
        return [{ kind: 'synced', sender: post.sender, frontiers: post.frontiers }];
      case 'what_have_you_kept':
        this.answerRepair(post.asker, post.repair);
        return [];
      case 'kept':
        return this.takeRepair(post);
      case 'answer':
        sender.observe(post.frontiers, { nowMs: this.nowMs, by: post.sender });
        past.join(post.past);
        kept.note(post.from, post.delivered);
        this.prune();
        return [];
      default:
        return assertNever(post);
    }
  }

  private takeLetter(letter: Letter): ReceiverInput<Letter>[] {
    const { known } = this.running!;
    if (!letter.stamp.broadcast && known.has(letter.number)) return [];
    known.add(letter.number);
    this.listener?.letterCame(letter);
    return [{ kind: 'message', stamp: letter.stamp, message: letter, bytes: letterBytes }];
  }

  private takeRepair({
    repair,
    letters,
    keptFrom,
  }: Extract<Post, { kind: 'kept' }>): ReceiverInput<Letter>[] {
    const { channel, sender } = repair;
    return [
      ...letters.flatMap((letter) => this.takeLetter(letter)),
      ...(keptFrom === undefined
        ? []
        : [{ kind: 'kept_from', channel, sender, sequence: keptFrom } as const]),
    ];
  }

  private listen(inputs: readonly ReceiverInput<Letter>[]): void {
    if (!this.running?.receiver) return;
    const { receiver, listener } = this.running;
    const { context } = this.options;
    const effects = receiver.step(inputs, { nowMs: this.nowMs });
    if (!receiver.isSyncing) listener!.begin(context.timeline.nowMs);
    context.trace.number(context.timeline.nowMs);
    context.trace.text(this.name);
    this.traceEffects(effects);
    for (const letter of effects.deliver) this.deliver(letter);
    for (const { reason, message } of effects.refused) {
      context.coverage.count(`refused: ${reason}`);
      if (reason === 'no_room') listener!.hadNoRoomFor(message);
      if (reason === 'before_start') context.judge.beforeStart(listener!, message);
    }
    for (const gap of effects.gaps) context.judge.gap(listener!, gap);
    for (const repair of effects.repairs) this.ask(repair);
    if (effects.askSync) this.toAll({ kind: 'where_do_you_stand', asker: this.name });
    const heldMax = context.scenario.receiver.heldMax + listener!.ownWaiting.size;
    context.bounded(receiver.held <= heldMax, `${this.name} holds ${receiver.held}`);
  }

  private deliver(letter: Letter): void {
    const { listener, past, sender, self, receiver } = this.running!;
    const { context, send } = this.options;
    const { stamp, number } = letter;
    context.judge.delivered(listener!, letter);
    if (stamp.sender === self) return;
    past.join(context.history.of(number).past);
    past.add(number);
    sender.observe(stamp.after, { nowMs: this.nowMs });
    if (stamp.broadcast) {
      const { channel, sequence } = stamp.broadcast;
      this.hearOf(stamp.sender, channel, sequence);
      this.keep(letter, channel);
    }
    const asker = idOfSender(stamp.sender);
    const delivered = receiver!.frontiers;
    const answer = {
      from: this.name,
      sender: self,
      delivered,
      frontiers: sender.frontiers,
      past: past.copy(),
    };
    send(this.name, asker, { kind: 'answer', ...answer });
  }

  private keep(letter: Letter, channel: Channel): void {
    const { kept, keptAt, ring } = this.running!;
    kept.keep(letter.stamp, letter, { bytes: letterBytes, nowMs: this.nowMs });
    keptAt.set(letter.number, this.options.context.timeline.nowMs);
    ring.set(channel, [...(ring.get(channel) ?? []), letter.number]);
  }

  private ask(repair: Repair): void {
    const { context, send } = this.options;
    context.coverage.count(`causality: repairs asked of ${repair.of}`);
    const post = { kind: 'what_have_you_kept', asker: this.name, repair } as const;
    if (repair.of === 'everybody') this.toAll(post);
    else send(this.name, idOfSender(repair.sender), post);
  }

  private answerRepair(asker: string, repair: Repair): void {
    const { kept, self } = this.running!;
    const { context, send } = this.options;
    const bounds = { countMax: repairLetters, bytesMax: repairLetters * letterBytes };
    const { messages, keptFrom } = kept.range({ ...repair, ...bounds }, this.nowMs);
    // Who was asked among everybody is silent about what it never had.
    if (messages.length === 0 && (self !== repair.sender || keptFrom === undefined)) return;
    if (messages.length > 0) context.coverage.count('causality: repaired');
    const delayMs = repair.of === 'everybody' ? this.random.between(0, 30) : 0;
    const oldest = self === repair.sender ? keptFrom : undefined;
    context.timeline.after(delayMs, () =>
      send(this.name, asker, { kind: 'kept', repair, letters: messages, keptFrom: oldest }),
    );
  }

  /** Lets go what everybody has that should. */
  private prune(): void {
    const { context } = this.options;
    const { kept, self } = this.running!;
    if (this.channels) return;
    for (const channel of context.channels) {
      const names = context.membersOf(channel);
      const all = { channel, sender: self, from: 1, to: 1e6, countMax: 1e6, bytesMax: 1e9 };
      const before = kept.range(all, this.nowMs).messages;
      if (kept.pruneStable(channel, names) === 0) continue;
      const after = new Set(kept.range(all, this.nowMs).messages);
      for (const letter of before)
        if (!after.has(letter)) context.judge.pruned(letter, context.listenersOf(channel));
    }
  }

  private toAll(post: Post): void {
    for (const name of this.options.context.names)
      if (name !== this.name) this.options.send(this.name, name, post);
  }

  private traceEffects({ deliver, gaps, repairs }: ReceiverEffects<Letter>): void {
    const { trace, timeline } = this.options.context;
    for (const { number } of deliver) trace.number(number);
    trace.value(gaps);
    trace.value(repairs);
    if (deliver.length + gaps.length + repairs.length === 0) return;
    trace.line(timeline.nowMs, () =>
      [
        this.name,
        ...deliver.map((letter) => `delivers #${letter.number} ${stampText(letter)}`),
        ...gaps.map((gap) => `gives up ${JSON.stringify(gap)}`),
        ...repairs.map((repair) => `asks ${JSON.stringify(repair)}`),
      ].join(' | '),
    );
  }
}

function stampText({ stamp: { sender, broadcast, after } }: Letter): string {
  const place = broadcast ? `${broadcast.channel} ${broadcast.sequence}` : 'targeted';
  const seen = JSON.stringify([...after].map(([channel, frontier]) => [channel, ...frontier]));
  return `${sender} ${place} after ${seen}`;
}
