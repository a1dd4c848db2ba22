import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CausalReceiver,
  CausalSender,
  Kept,
  type Channel,
  type Gap,
  type ReceiverEffects,
  type ReceiverInput,
  type SenderId,
  type Stamp,
} from './index.js';

/** Broadcasts and messages between single processes over a network that loses, repeats, delays and reorders. */
interface Told {
  readonly id: string;
  readonly stamp: Stamp;
  /** Ids of all broadcasts that happened before it, kept by the test and not by the clocks. */
  readonly past: ReadonlySet<string>;
}

interface Plan {
  readonly seed: number;
  readonly loss: number;
  readonly repeats: number;
  readonly delayMs: number;
  readonly agents: number;
  readonly joiners: number;
  readonly broadcasts: number;
  readonly heldMax: number;
}

const planArbitrary: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  loss: fc.constantFrom(0, 0.05, 0.2, 0.4),
  repeats: fc.constantFrom(0, 0.3),
  delayMs: fc.constantFrom(1, 50, 400, 2_000),
  agents: fc.integer({ min: 1, max: 5 }),
  joiners: fc.nat({ max: 3 }),
  broadcasts: fc.integer({ min: 1, max: 60 }),
  heldMax: fc.constantFrom(2, 1_000),
});

const receiverOptions = {
  heldBytesMax: 1_000_000,
  sendersMax: 64,
  aheadMax: 1_000,
  repairAfterMs: 100,
  repairEveryMs: 200,
  repairsMax: 40,
  syncMs: 250,
  syncMsMax: 1_000,
  forgetAfterMs: 600_000,
};

const keptOptions = {
  messagesMax: 1_000,
  bytesMax: 1_000_000,
  ageMsMax: 1_000_000,
  channelsMax: 16,
  sendersMax: 64,
  receiversMax: 64,
};

function sequenceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const everyChannel: readonly Channel[] = ['all', 'group.a', 'group.b'];

class Member {
  readonly sender: CausalSender;
  readonly kept = new Kept<Told>(keptOptions);
  readonly receiver: CausalReceiver<Told> | undefined;
  /** Ids in the order of their delivery, and all that is known because of them. */
  readonly delivered: Told[] = [];
  readonly known = new Set<string>();
  readonly gaps: Gap[] = [];
  readonly startsAfter = new Map<string, number>();
  heldMost = 0;
  timerMs: number | undefined;

  constructor(
    readonly id: SenderId,
    readonly channels: readonly Channel[],
    readonly joinsAtMs: number,
    heldMax: number,
  ) {
    this.sender = new CausalSender({
      self: id,
      channelsMax: 16,
      ownChannelsMax: 16,
      sendersMax: 64,
      aheadMax: 1_000,
      introducedMax: 1_000,
      forgetAfterMs: 600_000,
      beaconFirstMs: 250,
      beaconLastMs: 4_000,
    });
    if (channels.length > 0)
      this.receiver = new CausalReceiver({ ...receiverOptions, channels, heldMax, self: id });
  }
}

/** Runs one plan to the end: first everything happens, then the network loses nothing any more until all is quiet. */
class World {
  nowMs = 0;
  readonly members: Member[] = [];
  readonly sent: Told[] = [];
  private readonly events: { atMs: number; order: number; run: () => void }[] = [];
  private readonly random: () => number;
  private order = 0;
  private isLossy = true;

  constructor(private readonly plan: Plan) {
    this.random = sequenceOf(plan.seed);
    const names = (count: number, kind: string) => Array.from({ length: count }, (_, at) => `${kind}${at}`);
    for (const name of names(2, 'c')) this.members.push(new Member(`${name}.life0001`, [], 0, plan.heldMax));
    for (const name of names(plan.agents, 'a')) {
      this.members.push(new Member(`${name}.life0001`, this.someChannels(), 0, plan.heldMax));
    }
    for (const name of names(plan.joiners, 'j')) {
      const joinsAtMs = this.below(2_000);
      this.members.push(new Member(`${name}.life0001`, this.someChannels(), joinsAtMs, plan.heldMax));
    }
  }

  run(): void {
    for (const member of this.members) this.at(member.joinsAtMs, () => this.join(member));
    for (let count = 0; count < this.plan.broadcasts; count += 1) {
      this.at(300 + this.below(3_000), () => this.say());
    }
    this.at(4_000, () => (this.isLossy = false));
    this.drain(40_000);
  }

  private join(member: Member): void {
    this.step(member, []);
    this.beat(member);
  }

  /** Somebody broadcasts, or asks a single agent, whose answer says what it has seen. */
  private say(): void {
    const present = this.members.filter(({ joinsAtMs }) => joinsAtMs + 300 <= this.nowMs);
    const member = present[this.below(present.length)]!;
    const target = present[this.below(present.length)]!;
    if (this.random() < 0.3) {
      this.ask(member, target);
      return;
    }
    const channel = everyChannel[this.below(everyChannel.length)]!;
    const stamp = member.sender.broadcast(channel, this.nowMs);
    const id = `${channel} ${stamp.sender} ${stamp.broadcast!.sequence}`;
    const told: Told = { id, stamp, past: new Set(member.known) };
    member.known.add(id);
    this.sent.push(told);
    member.kept.keep(stamp, told, { bytes: 1, nowMs: this.nowMs });
    if (member.channels.includes(channel)) this.step(member, [{ kind: 'sent', stamp, message: told }]);
    for (const other of this.members) this.toMember(other, told);
  }

  /** To one receiver alone: it moves no sequence, and its answer carries frontiers back. */
  private ask(member: Member, target: Member): void {
    if (target.receiver === undefined || member === target) return;
    const told: Told = { id: 'targeted', stamp: member.sender.targeted(), past: new Set(member.known) };
    this.toMember(target, told);
    const answer = target.sender.frontiers;
    const known = new Set(target.known);
    this.send(() => {
      member.sender.observe(answer, { nowMs: this.nowMs });
      for (const id of known) member.known.add(id);
    });
  }

  private toMember(other: Member, told: Told): void {
    if (other.receiver === undefined) return;
    this.send(() => this.step(other, [{ kind: 'message', stamp: told.stamp, message: told, bytes: 1 }]));
  }

  private beat(member: Member): void {
    for (const [channel, sequence] of member.sender.takeBeacons(this.nowMs)) {
      for (const other of this.members.filter(({ receiver }) => receiver !== undefined)) {
        this.send(() =>
          this.step(other, [{ kind: 'sender_frontier', sender: member.id, channel, sequence }]),
        );
      }
    }
    this.at(this.nowMs + 500, () => this.beat(member));
  }

  private step(member: Member, inputs: readonly ReceiverInput<Told>[]): void {
    const { receiver } = member;
    if (receiver === undefined || this.nowMs < member.joinsAtMs) return;
    const effects = receiver.step(inputs, { nowMs: this.nowMs });
    this.carryOut(member, effects);
    member.heldMost = Math.max(member.heldMost, receiver.held);
    const dueAtMs = receiver.dueAtMs;
    if (dueAtMs === undefined || dueAtMs === member.timerMs) return;
    member.timerMs = dueAtMs;
    this.at(Math.max(dueAtMs, this.nowMs + 1), () => {
      member.timerMs = undefined;
      this.step(member, [{ kind: 'tick' }]);
    });
  }

  private carryOut(member: Member, { deliver, gaps, repairs, askSync }: ReceiverEffects<Told>): void {
    for (const told of deliver) {
      member.delivered.push(told);
      member.sender.delivered(told.stamp, this.nowMs);
      for (const id of told.past) member.known.add(id);
      if (told.stamp.broadcast !== undefined) member.known.add(told.id);
      member.kept.keep(told.stamp, told, { bytes: 1, nowMs: this.nowMs });
    }
    member.gaps.push(...gaps);
    for (const { channel, sender, from, to, of } of repairs) {
      const asked = this.members.filter(({ id }) => (of === 'sender' ? id === sender : id !== member.id));
      for (const other of asked) {
        this.send(() => {
          const range = { channel, sender, from, to, countMax: 8, bytesMax: 1_000 };
          const { messages, keptFrom } = other.kept.range(range, this.nowMs);
          this.send(() => {
            for (const told of messages) {
              this.step(member, [{ kind: 'message', stamp: told.stamp, message: told, bytes: 1 }]);
            }
            if (keptFrom === undefined) return;
            this.step(member, [{ kind: 'kept_from', channel, sender, sequence: keptFrom }]);
          });
        });
      }
    }
    if (askSync) this.sync(member);
  }

  private sync(member: Member): void {
    for (const other of this.members.filter((candidate) => candidate !== member)) {
      this.send(() => {
        const { frontiers } = other.sender;
        this.send(() => this.step(member, [{ kind: 'synced', sender: other.id, frontiers }]));
      });
    }
  }

  private send(run: () => void): void {
    if (this.isLossy && this.random() < this.plan.loss) return;
    this.at(this.nowMs + 1 + this.below(this.plan.delayMs), run);
    if (this.random() < this.plan.repeats) this.at(this.nowMs + 1 + this.below(this.plan.delayMs), run);
  }

  private at(atMs: number, run: () => void): void {
    this.order += 1;
    const event = { atMs, order: this.order, run };
    let place = this.events.length;
    while (place > 0 && this.events[place - 1]!.atMs > atMs) place -= 1;
    this.events.splice(place, 0, event);
  }

  private drain(untilMs: number): void {
    while (this.events.length > 0 && this.events[0]!.atMs <= untilMs) {
      const { atMs, run } = this.events.shift()!;
      this.nowMs = Math.max(this.nowMs, atMs);
      run();
    }
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private someChannels(): readonly Channel[] {
    return ['all', ...everyChannel.slice(1).filter(() => this.random() < 0.6)];
  }
}

function expectCausalOrder(member: Member): void {
  const channels = new Set(member.channels);
  const place = new Map(member.delivered.map(({ id }, at) => [id, at]));
  for (const [at, { id, past }] of member.delivered.entries()) {
    for (const before of past) {
      const [channel = ''] = before.split(' ');
      const other = place.get(before);
      if (channels.has(channel) && other !== undefined && id !== 'targeted')
        expect([before, id, other < at]).toEqual([before, id, true]);
      if (id === 'targeted' && channels.has(channel) && other !== undefined) expect(other).toBeLessThan(at);
    }
  }
}

/** From its start, a receiver gets every broadcast of each sender once, in the order of sending. */
function expectEachOnce(member: Member, sent: readonly Told[], isPrompt: boolean): void {
  for (const channel of member.channels) {
    const onChannel = sent.filter(({ stamp }) => stamp.broadcast?.channel === channel);
    for (const sender of new Set(onChannel.map(({ stamp }) => stamp.sender))) {
      const count = onChannel.filter(({ stamp }) => stamp.sender === sender).length;
      const got = member.delivered
        .filter(({ stamp }) => stamp.broadcast?.channel === channel && stamp.sender === sender)
        .map(({ stamp }) => stamp.broadcast!.sequence);
      const start = got.length === 0 ? count : got[0]! - 1;
      expect([member.id, channel, sender, got]).toEqual([
        member.id,
        channel,
        sender,
        Array.from({ length: count - start }, (_, at) => start + 1 + at),
      ]);
      if (member.joinsAtMs === 0 && isPrompt)
        expect([member.id, channel, sender, start]).toEqual([member.id, channel, sender, 0]);
    }
  }
}

describe('causal delivery over a network that loses, repeats and reorders', () => {
  it('is in causal order, once each, without a gap, for whoever was there or joined', () => {
    fc.assert(
      fc.property(planArbitrary, (plan) => {
        const world = new World(plan);
        world.run();
        for (const member of world.members.filter(({ receiver }) => receiver !== undefined)) {
          expect([member.id, member.gaps]).toEqual([member.id, []]);
          expectCausalOrder(member);
          expectEachOnce(member, world.sent, plan.delayMs <= 50);
          expect(member.heldMost).toBeLessThanOrEqual(plan.heldMax + plan.broadcasts);
          expect(member.receiver?.held).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
