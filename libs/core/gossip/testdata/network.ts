import { defaultGossipOptions, GossipMember, messageBytes, type GossipOptions } from '../index.js';
import {
  type Change,
  type Effects,
  type Input,
  type MemberId,
  type MemberKind,
  type Outgoing,
} from '../index.js';

/** Small, fast and good enough to draw faults from (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const idOf = (text: string): MemberId => text as MemberId;

/** Wall clock at the start of every test. */
export const startWallMs = 1_700_000_000_000;

export interface NetworkOptions {
  readonly seed?: number;
  /** Share of messages that are lost. */
  readonly loss?: number;
  /** Share of messages that come twice. */
  readonly duplication?: number;
  readonly settings?: Partial<GossipOptions>;
}

interface SimulatedNode {
  readonly id: MemberId;
  readonly kind: MemberKind;
  member: GossipMember;
  isUp: boolean;
  /** Of all its lives. */
  readonly changes: Change[];
  readonly refused: string[];
  /** What its latest round and the answers after it sent. */
  roundBytes: number;
  roundBytesMost: number;
  messageBytesMost: number;
}

/** Members and a network without delay: each round, everybody's round comes once in a random order, answers at once. */
export class Network {
  readonly nodes = new Map<MemberId, SimulatedNode>();
  readonly random: () => number;
  nowMs = 0;
  /** Whether a message gets from one to another, besides loss. */
  connects: (from: MemberId, to: MemberId) => boolean = () => true;
  loss: number;
  private readonly duplication: number;
  private readonly settings: Partial<GossipOptions>;

  constructor({ seed = 1, loss = 0, duplication = 0, settings = {} }: NetworkOptions = {}) {
    this.random = seededRandom(seed);
    this.loss = loss;
    this.duplication = duplication;
    this.settings = settings;
  }

  get wallMs(): number {
    return startWallMs + this.nowMs;
  }

  start(id: string, kind: MemberKind = 'relay', generation = this.wallMs): GossipMember {
    const known = this.nodes.get(idOf(id));
    const options = {
      ...defaultGossipOptions,
      cluster: 'test',
      ...this.settings,
      self: { id: idOf(id), kind, generation },
    };
    const member = new GossipMember(options);
    if (known !== undefined) Object.assign(known, { member, isUp: true, changes: [], refused: [] });
    else {
      this.nodes.set(idOf(id), {
        ...{ id: idOf(id), kind, member, isUp: true, changes: [], refused: [] },
        ...{ roundBytes: 0, roundBytesMost: 0, messageBytesMost: 0 },
      });
    }
    return member;
  }

  kill(id: string): void {
    this.node(id).isUp = false;
  }

  node(id: string): SimulatedNode {
    const node = this.nodes.get(idOf(id));
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  member(id: string): GossipMember {
    return this.node(id).member;
  }

  /** Lets something happen to a member, and everything that follows from it. */
  tell(id: string, ...inputs: Input[]): void {
    this.deliver(this.node(id), this.stepped(this.node(id), inputs));
  }

  /** @returns what the member would do; nothing is delivered */
  stepped(node: SimulatedNode, inputs: readonly Input[]): Effects {
    const effects = node.member.step(inputs, this);
    node.changes.push(...effects.changes);
    node.refused.push(...effects.refused.map(({ reason }) => reason));
    return effects;
  }

  rounds(count: number, roundMs = 1_000): void {
    for (let round = 0; round < count; round++) {
      this.nowMs += roundMs;
      const up = [...this.nodes.values()].filter(({ isUp }) => isUp);
      for (const node of up.sort(() => this.random() - 0.5)) {
        node.roundBytes = 0;
        this.tell(node.id, { kind: 'round' });
      }
    }
  }

  private deliver(first: SimulatedNode, effects: Effects): void {
    const queue = effects.messages.map((outgoing) => ({ sender: first, outgoing }));
    for (const { sender, outgoing } of queue) {
      this.weigh(sender, outgoing);
      const target = this.targetOf(sender, outgoing);
      if (target?.isUp !== true || !this.connects(sender.id, target.id) || this.random() < this.loss)
        continue;
      const copies = this.random() < this.duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const { messages } = this.stepped(target, [
          { kind: 'message', from: sender.id, fromKind: sender.kind, message: outgoing.message },
        ]);
        queue.push(...messages.map((answer) => ({ sender: target, outgoing: answer })));
      }
    }
  }

  private weigh(sender: SimulatedNode, { message }: Outgoing): void {
    const bytes = messageBytes(message);
    sender.roundBytes += bytes;
    sender.roundBytesMost = Math.max(sender.roundBytesMost, sender.roundBytes);
    sender.messageBytesMost = Math.max(sender.messageBytesMost, bytes);
  }

  private targetOf(sender: SimulatedNode, { to }: Outgoing): SimulatedNode | undefined {
    if (to !== 'seed') return this.nodes.get(to);
    const seeds = [...this.nodes.values()].filter(
      ({ id, kind, isUp }) => kind === 'relay' && isUp && this.connects(sender.id, id),
    );
    return seeds[Math.floor(this.random() * seeds.length)];
  }
}
