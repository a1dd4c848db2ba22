import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageBytes, type GossipOptions, type MemberDelta, type MemberId, type Outgoing } from './index.js';
import { ackOf, entryOf, generation, LoneMember, synOf } from './testdata/lone-member.js';
import { idOf, Network } from './testdata/network.js';

/** As small as it gets, so that deltas are cut and tombstones collected all the time. */
const tight: Partial<GossipOptions> = {
  valueBytesMax: 400,
  messageBytesMax: 1_700,
  roundBytesMax: 12_000,
  suspicionRounds: 3,
  tombstoneRounds: 7,
};

interface Change {
  readonly version: number;
  readonly value: string | null;
}

/** What an owner did, reckoned without any of the code under test. */
class Ledger {
  readonly latest = new Map<string, Change>();
  private version = 0;

  write(key: string, value: string | null): void {
    const before = this.latest.get(key)?.value ?? null;
    if (before !== value) this.latest.set(key, { version: ++this.version, value });
  }

  get keys(): Record<string, string> {
    return Object.fromEntries(
      [...this.latest].flatMap(([key, { value }]) => (value === null ? [] : [[key, value]])),
    );
  }

  /** All whose latest change is within `maxVersion` are just so in `seen`. */
  check(seen: ReadonlyMap<string, string>, maxVersion: number): void {
    for (const [key, { version, value }] of this.latest)
      if (version <= maxVersion) expect([key, seen.get(key) ?? null]).toEqual([key, value]);
  }
}

const keyName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const keyValue = fc.option(fc.constantFrom('1', '2', '3').map((text) => text.repeat(200)));

const write = (key: string, value: string | null) =>
  value === null
    ? ({ kind: 'delete', key, urgent: false } as const)
    : ({ kind: 'put', key, value, urgent: false } as const);

/** Deltas that an owner gave in its life to members that knew more or less of it. */
const deltasOf = (script: readonly (readonly [string, string | null, number, number])[]): MemberDelta[] => {
  const owner = new LoneMember({ ...tight, self: { id: idOf('owner'), kind: 'relay', generation } });
  const watermarks = [0];
  return script.flatMap(([key, value, known, watermark]) => {
    owner.step(write(key, value));
    owner.rounds(2);
    const { maxVersion } = owner.member.member(idOf('owner'))!;
    const claim = {
      maxVersion: known % (maxVersion + 1),
      collectedVersion: watermarks[watermark % watermarks.length]!,
    };
    const answer = owner.hear('asker', synOf(entryOf('owner', claim))).messages[0]?.message;
    const deltas = answer?.kind === 'syn_ack' ? answer.deltas : [];
    for (const delta of deltas)
      if (delta.collectedVersion > watermarks.at(-1)!) watermarks.push(delta.collectedVersion);
    return deltas;
  });
};

/**
 * What is known of the owner after the deltas came in this order, again and again, until they say nothing new. Of a key that
 * changed beyond the last version that any of them reaches, one may have an earlier value, and another nothing.
 */
const merged = (deltas: readonly MemberDelta[], ledger: Ledger): unknown => {
  const me = new LoneMember(tight);
  me.befriend('owner');
  const known = () => [me.keys('owner'), me.member.member(idOf('owner'))?.maxVersion];
  for (let before = ''; before !== JSON.stringify(known());) {
    before = JSON.stringify(known());
    for (const delta of deltas) me.hear('anybody', ackOf(delta));
  }
  const maxVersion = me.member.member(idOf('owner'))?.maxVersion ?? 0;
  const keys = Object.entries(me.keys('owner'));
  return [keys.filter(([key]) => ledger.latest.get(key)!.version <= maxVersion).sort(), maxVersion];
};

describe('G8 merging', () => {
  const script = fc.array(fc.tuple(keyName, keyValue, fc.nat(50), fc.nat(50)), {
    minLength: 1,
    maxLength: 25,
  });

  it('comes to the same whatever the order, the grouping and the repetition', () => {
    fc.assert(
      fc.property(script, fc.infiniteStream(fc.nat()), (ops, chance) => {
        const deltas = deltasOf(ops);
        const ledger = new Ledger();
        for (const [key, value] of ops) ledger.write(key, value);
        const rank = new Map(deltas.map((delta) => [delta, chance.next().value]));
        const shuffled = [...deltas].sort((one, other) => rank.get(one)! - rank.get(other)!);
        expect(merged(shuffled, ledger)).toEqual(merged(deltas, ledger));
        expect(merged([...shuffled, ...deltas], ledger)).toEqual(merged(deltas, ledger));
      }),
      { numRuns: 50 },
    );
  });
});

/** Members over a network that keeps messages as long as it likes, and hands them over in any order, or not. */
class Chaos {
  readonly network = new Network({ settings: tight });
  readonly ledgers = new Map<string, Ledger>();
  private bag: { readonly from: MemberId; readonly outgoing: Outgoing }[] = [];
  private lives = 0;

  constructor(readonly ids: readonly string[]) {
    for (const id of ids) this.start(id);
  }

  start(id: string): void {
    this.ledgers.set(id, new Ledger());
    this.network.start(id, 'relay', this.network.wallMs + ++this.lives);
  }

  write(id: string, key: string, value: string | null): void {
    this.ledgers.get(id)!.write(key, value);
    this.post(id, this.network.stepped(this.network.node(id), [write(key, value)]).messages);
  }

  round(id: string): void {
    this.network.nowMs += 1_000 / this.ids.length;
    const node = this.network.node(id);
    node.roundBytes = 0;
    this.post(id, this.network.stepped(node, [{ kind: 'round' }]).messages);
  }

  /** Hands a message over that has waited; it may come again. */
  deliver(choice: number, again: boolean): void {
    const index = choice % Math.max(1, this.bag.length);
    const [carried] = again ? this.bag.slice(index, index + 1) : this.bag.splice(index, 1);
    if (carried === undefined) return;
    const { from, outgoing } = carried;
    const to = outgoing.to === 'seed' ? this.ids[choice % this.ids.length]! : outgoing.to;
    const input = { kind: 'message', from, fromKind: 'relay', message: outgoing.message } as const;
    this.post(to, this.network.stepped(this.network.node(to), [input]).messages);
  }

  drop(): void {
    this.bag = this.bag.slice(-Math.ceil(this.bag.length / 2));
  }

  /** What anybody holds of another is what that one did, up to the version that it claims to know. */
  check(): void {
    for (const { member } of this.network.nodes.values()) {
      for (const { id, generation: life, maxVersion } of member.members()) {
        if (life !== this.network.member(id).self.generation) continue;
        this.ledgers.get(id)!.check(member.keysOf(id), maxVersion);
      }
    }
  }

  /** Everybody was told of every key that is there, and of none that is not. */
  checkChanges(): void {
    for (const { changes, member } of this.network.nodes.values()) {
      const mirror = new Map<string, Record<string, string>>(this.ids.map((id) => [id, {}]));
      for (const change of changes) {
        if (change.kind !== 'key') continue;
        const keys = mirror.get(change.id)!;
        if (change.value === null) Reflect.deleteProperty(keys, change.key);
        else keys[change.key] = change.value;
      }
      for (const id of this.ids)
        if (id !== member.self.id)
          expect(Object.fromEntries(member.keysOf(idOf(id)))).toEqual(mirror.get(id));
    }
  }

  settle(rounds: number): void {
    this.bag = [];
    this.network.rounds(rounds);
  }

  private post(from: string, messages: readonly Outgoing[]): void {
    const node = this.network.node(from);
    for (const outgoing of messages) {
      const bytes = messageBytes(outgoing.message);
      node.roundBytes += bytes;
      expect(bytes).toBeLessThanOrEqual(tight.messageBytesMax!);
      expect(node.roundBytes).toBeLessThanOrEqual(tight.roundBytesMax!);
      this.bag.push({ from: idOf(from), outgoing });
    }
    this.bag = this.bag.slice(-500);
  }
}

describe('exchanges in any order, with loss, repetition and restarts', () => {
  const ids = ['m0', 'm1', 'm2', 'm3'];
  const who = fc.constantFrom(...ids);
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('write' as const), who, key: keyName, value: keyValue }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('round' as const), who }) },
    {
      weight: 30,
      arbitrary: fc.record({ do: fc.constant('deliver' as const), choice: fc.nat(), again: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('calm' as const), rounds: fc.nat(12) }) },
  );

  it('never show anything but what owners did, and end with just that', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 120, size: 'max' }), (actions) => {
        const chaos = new Chaos(ids);
        chaos.settle(6);
        for (const each of actions) {
          if (each.do === 'write') chaos.write(each.who, each.key, each.value);
          else if (each.do === 'round') chaos.round(each.who);
          else if (each.do === 'deliver') chaos.deliver(each.choice, each.again);
          else if (each.do === 'drop') chaos.drop();
          else if (each.do === 'calm') chaos.settle(each.rounds);
          else chaos.start(each.who);
          chaos.check();
        }
        chaos.settle(40);
        chaos.checkChanges();
        for (const { member } of chaos.network.nodes.values()) {
          for (const id of ids)
            expect(Object.fromEntries(member.keysOf(idOf(id)))).toEqual(chaos.ledgers.get(id)!.keys);
          expect(member.convergence()).toMatchObject({ converged: true, waitingFor: [] });
        }
      }),
      { numRuns: 25 },
    );
  });
});
