import { assert } from '@nexus/core/invariant';
import { type Configuration, type MemberId } from '../configuration.js';
import { type Entry, type Snapshot } from '../entry.js';
import { type DurableState, type Write } from '../log-store.js';
import { type AppendRequest, type Message } from '../message.js';
import { type RaftOptions } from '../options.js';
import { Raft } from '../raft.js';
import { type Effects, type Input, type Outgoing } from '../step.js';

export const id = (name: string | number) => String(name) as MemberId;

export const testOptions: Omit<RaftOptions, 'self' | 'random'> = {
  electionTicksMin: 10,
  electionTicksMax: 20,
  heartbeatTicks: 3,
  appendBytesMax: 1_000,
  appendsInFlightMax: 4,
  commandBytesMax: 100_000,
  uncommittedBytesMax: 1_000_000,
  readsMax: 1_000,
  snapshotChunkBytes: 4,
  entriesRetained: 2,
};

/** @param prev index and term of the entry before */
export const appendRequest = (
  term: number,
  prev: readonly [index: number, term: number],
  entries: readonly Entry[],
  commit = 0,
): AppendRequest => ({
  kind: 'append_request',
  term,
  prevIndex: prev[0],
  prevTerm: prev[1],
  entries,
  commit,
  round: 0,
});

/** A store in memory that loses what was not flushed. */
class Store {
  state: DurableState;
  pending: Write[] = [];

  constructor(configuration: Configuration | null) {
    const snapshot = configuration && { index: 0, term: 0, configuration, image: new Uint8Array(0) };
    this.state = { hardState: { term: 0, votedFor: null, commit: 0 }, snapshot, entries: [] };
  }

  flush(): number {
    const last = this.pending.at(-1)?.sequence ?? 0;
    for (const write of this.pending) this.state = afterWrite(this.state, write);
    this.pending = [];
    return last;
  }
}

export function afterWrite(state: DurableState, write: Write): DurableState {
  const { hardState, snapshot, compactTo = 0, truncateFrom = Infinity, append } = write;
  const left = state.entries.filter(({ index }) => index > compactTo && index < truncateFrom);
  const before = left.at(-1)?.index ?? Math.max(compactTo, snapshot?.index ?? state.snapshot?.index ?? 0);
  assert(append.length === 0 || left.length === 0 || append[0]!.index === before + 1, 'no gap in the store');
  return {
    hardState: hardState ?? state.hardState,
    snapshot: snapshot ?? state.snapshot,
    entries: [...left, ...append],
  };
}

/** One member with its disk, and all that it ever said. */
export class Node {
  readonly store: Store;
  raft: Raft;
  alive = true;
  /** Writes are kept back, as by a disk that hangs. */
  stalled = false;
  applied: Entry[] = [];
  restored: Snapshot | null = null;
  readonly effects: Effects[] = [];
  held: Outgoing[] = [];
  private durable = 0;

  constructor(
    readonly options: RaftOptions,
    configuration: Configuration | null,
  ) {
    this.store = new Store(configuration);
    this.raft = new Raft(options, this.store.state);
  }

  get id(): MemberId {
    return this.options.self;
  }

  get appliedIndex(): number {
    return this.applied.at(-1)?.index ?? this.restored?.index ?? 0;
  }

  /** The commands that the state machine was given since its last restore. */
  get commands(): string[] {
    return this.applied.flatMap((entry) =>
      entry.kind === 'command' ? [new TextDecoder().decode(entry.command)] : [],
    );
  }

  get last(): Effects {
    return this.effects.at(-1)!;
  }

  /** @returns what may leave */
  step(...inputs: readonly Input[]): Outgoing[] {
    const effects = this.raft.step(inputs);
    this.effects.push(effects);
    if (effects.write) this.store.pending.push(effects.write);
    if (effects.restore) {
      this.restored = effects.restore;
      this.applied = [];
    }
    for (const entry of effects.committed) {
      assert(entry.index === this.appliedIndex + 1, 'entries are applied in order, without a gap');
      this.applied.push(entry);
    }
    this.held.push(...effects.messages);
    return this.stalled ? this.released() : [...this.released(), ...this.flush()];
  }

  flush(): Outgoing[] {
    if (this.store.pending.length === 0) return [];
    this.durable = this.store.flush();
    return this.step({ kind: 'written', sequence: this.durable });
  }

  crash(): void {
    this.alive = false;
    this.held = [];
    this.store.pending = [];
  }

  restart(): void {
    this.alive = true;
    this.stalled = false;
    this.durable = 0;
    this.applied = [];
    this.restored = null;
    this.raft = new Raft(this.options, this.store.state);
  }

  private released(): Outgoing[] {
    const free = this.held.filter((outgoing) => outgoing.afterWrite <= this.durable);
    this.held = this.held.filter((outgoing) => outgoing.afterWrite > this.durable);
    return free;
  }
}

export interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly message: Message;
}

type Asked<Kind extends Input['kind']> = Omit<Extract<Input, { kind: Kind }>, 'ticket'>;
/** What can be asked of a member; the group finds a ticket. */
type Request = Asked<'propose'> | Asked<'read'> | Asked<'change'> | Asked<'transfer'>;

export interface GroupOptions {
  readonly voters: number;
  readonly seed?: number;
  readonly options?: Partial<RaftOptions>;
}

/** A small sequence of numbers in [0, 1) that a seed determines. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A group in one process: its network delivers in order, unless told otherwise, and its disks flush at once. */
export class Group {
  readonly nodes = new Map<MemberId, Node>();
  network: Envelope[] = [];
  /** Whether a message arrives. */
  link: (envelope: Envelope) => boolean = () => true;
  /** Tickets of requests made by the group itself. */
  private ticket = 0;

  constructor(private readonly setup: GroupOptions) {
    const voters = Array.from({ length: setup.voters }, (_, at) => id(at + 1)).sort();
    for (const voter of voters) this.add(voter, { voters, learners: [] });
  }

  /** A member with the given base, or a newcomer that waits to be added. */
  add(self: MemberId, configuration: Configuration | null): Node {
    const { seed = 1, options = {} } = this.setup;
    const random = seeded(seed * 1_000 + this.nodes.size);
    const node = new Node({ ...testOptions, random, ...options, self }, configuration);
    this.nodes.set(self, node);
    return node;
  }

  node(name: string | number): Node {
    const node = this.nodes.get(id(name));
    assert(node, `there is a member ${name}`);
    return node;
  }

  get leaders(): Node[] {
    return [...this.nodes.values()].filter(({ alive, raft }) => alive && raft.standing.role === 'leader');
  }

  /** The leader of the newest term. */
  get leader(): Node {
    const [first] = this.leaders.sort((a, b) => b.raft.standing.term - a.raft.standing.term);
    assert(first, 'there is a leader');
    return first;
  }

  /** @returns the effects of this very step, not those of the flush that may follow it */
  step(name: string | number, ...inputs: Input[]): Effects {
    const node = this.node(name);
    const at = node.effects.length;
    this.post(node.id, node.step(...inputs));
    return node.effects[at]!;
  }

  /** A message arrives, whether or not anybody sent it. */
  tell(to: string | number, from: string | number, message: Message): Effects {
    return this.step(to, { kind: 'message', from: id(from), message });
  }

  ask(name: string | number, request: Request): Effects {
    return this.step(name, { ...request, ticket: ++this.ticket });
  }

  propose(name: string | number, command: string): Effects {
    return this.ask(name, { kind: 'propose', command: new TextEncoder().encode(command) });
  }

  /** Delivers what is under way, and what that leads to, until nothing is. */
  deliver(): void {
    for (let budget = 10_000; this.network.length > 0; budget--) {
      assert(budget > 0, 'messages come to an end');
      this.deliverOne(this.network.shift()!);
    }
  }

  deliverOne(envelope: Envelope): void {
    const { from, to, message } = envelope;
    const node = this.nodes.get(to);
    if (!node?.alive || !this.link(envelope)) return;
    this.post(to, node.step({ kind: 'message', from, message }));
  }

  /** Time passes for all that live, and everything is delivered after each tick. */
  run(ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) {
      for (const node of this.nodes.values()) {
        if (node.alive) this.post(node.id, node.step({ kind: 'tick' }));
      }
      this.deliver();
    }
  }

  /** As `run`, until `condition` holds. */
  runUntil(condition: () => boolean, ticksMax = 200): void {
    for (let tick = 0; tick < ticksMax && !condition(); tick++) this.run(1);
    assert(condition(), 'what is waited for comes');
  }

  /** Ticks one member alone, until it leads; the others must not hear a leader. */
  elect(name: string | number): void {
    const node = this.node(name);
    for (let tick = 0; tick < 60 && node.raft.standing.role !== 'leader'; tick++) {
      this.post(node.id, node.step({ kind: 'tick' }));
      this.deliver();
    }
    assert(node.raft.standing.role === 'leader', `${name} is elected`);
  }

  /** Only members of the same part hear each other. */
  partition(...parts: (string | number)[][]): void {
    const partOf = (member: MemberId) => parts.findIndex((part) => part.map(id).includes(member));
    this.link = ({ from, to }) => partOf(from) === partOf(to) && partOf(from) >= 0;
  }

  heal(): void {
    this.link = () => true;
  }

  flush(name: string | number): void {
    const node = this.node(name);
    node.stalled = false;
    this.post(node.id, node.flush());
  }

  post(from: MemberId, sent: readonly Outgoing[]): void {
    for (const { to, message } of sent) this.network.push({ from, to, message });
  }
}
