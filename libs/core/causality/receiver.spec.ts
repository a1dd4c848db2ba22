import { describe, expect, it } from '@jest/globals';
import { CausalReceiver, type ReceiverInput, type SenderId, type Stamp } from './index.js';
import { type After, broadcast, frontiersOf } from './testdata/broadcast.js';
import { listening, options, tick, untilQuiet } from './testdata/listening.js';

const [a, b, c] = ['a.00000001', 'b.00000001', 'c.00000001'] as const;

function targeted(sender: SenderId, after: After, message = 'targeted'): ReceiverInput<string> {
  const stamp: Stamp = { sender, broadcast: undefined, after: frontiersOf(after) };
  return { kind: 'message', stamp, message, bytes: 10 };
}

describe('the delivery rule', () => {
  it('delivers the next of a sender, and holds a later one back', () => {
    const receiver = listening();
    expect(receiver.step([broadcast(a, 2)], { nowMs: 1 }).deliver).toEqual([]);
    expect(receiver.held).toBe(1);
    expect(receiver.step([broadcast(a, 1)], { nowMs: 2 }).deliver).toEqual(['a1', 'a2']);
    expect([receiver.held, receiver.frontier('all').get(a)]).toEqual([0, 2]);
  });

  it('delivers after what the sender had seen, on every channel of the receiver', () => {
    const receiver = listening();
    const reply = broadcast(b, 1, { 'group.a': { [a]: 1 } });
    expect(receiver.step([reply], { nowMs: 1 }).deliver).toEqual([]);
    const first: ReceiverInput<string> = {
      kind: 'message',
      stamp: { sender: a, broadcast: { channel: 'group.a', sequence: 1 }, after: new Map() },
      message: 'group a1',
      bytes: 10,
    };
    expect(receiver.step([first], { nowMs: 2 }).deliver).toEqual(['group a1', 'b1']);
  });

  it('does not wait for channels that the receiver does not belong to', () => {
    expect(listening().step([broadcast(b, 1, { 'group.b': { [a]: 7 } })], { nowMs: 1 }).deliver).toEqual([
      'b1',
    ]);
  });

  it('lets a targeted message wait, and lets nothing wait for it', () => {
    const receiver = listening();
    expect(receiver.step([targeted(a, { all: { [b]: 1 } })], { nowMs: 1 }).deliver).toEqual([]);
    expect(receiver.step([broadcast(a, 1)], { nowMs: 2 }).deliver).toEqual(['a1']);
    expect(receiver.step([broadcast(b, 1)], { nowMs: 3 }).deliver).toEqual(['b1', 'targeted']);
    expect(receiver.frontier('all')).toEqual(
      new Map([
        [a, 1],
        [b, 1],
      ]),
    );
  });

  it('delivers several that may be delivered in an order of their own, not in that of arrival', () => {
    const orders = [
      [c, b],
      [b, c],
    ].map((senders) => {
      const receiver = listening();
      receiver.step(
        senders.map((sender) => broadcast(sender, 1, { all: { [a]: 1 } })),
        { nowMs: 1 },
      );
      return receiver.step([broadcast(a, 1)], { nowMs: 2 }).deliver;
    });
    expect(orders).toEqual([
      ['a1', 'b1', 'c1'],
      ['a1', 'b1', 'c1'],
    ]);
  });

  it('delivers each once', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1), broadcast(a, 3)], { nowMs: 1 });
    const { deliver, refused } = receiver.step([broadcast(a, 1), broadcast(a, 3)], { nowMs: 2 });
    expect([deliver, refused.map(({ reason }) => reason)]).toEqual([[], ['duplicate', 'duplicate']]);
  });

  it('delivers an own broadcast at once, and once', () => {
    const receiver = listening();
    const own = broadcast('me.00000001', 1);
    if (own.kind !== 'message') throw new Error('a broadcast is a message');
    expect(receiver.step([{ ...own, kind: 'sent' }], { nowMs: 1 }).deliver).toEqual(['m1']);
    expect(receiver.step([own], { nowMs: 2 }).refused).toEqual([{ reason: 'duplicate', message: 'm1' }]);
    // Nobody waits for more of one's own than there was.
    expect(receiver.step([targeted(a, { all: { 'me.00000001': 9 } })], { nowMs: 3 }).deliver).toHaveLength(1);
  });

  it('lets an own broadcast wait for what only an answer had told of', () => {
    const receiver = listening();
    const own = broadcast('me.00000001', 1, { all: { [a]: 1 } });
    if (own.kind !== 'message') throw new Error('a broadcast is a message');
    expect(receiver.step([{ ...own, kind: 'sent' }], { nowMs: 1 }).deliver).toEqual([]);
    expect(receiver.step([broadcast(a, 1)], { nowMs: 2 }).deliver).toEqual(['a1', 'm1']);
  });
});

describe('what is missing', () => {
  it('is asked of its sender, then of everybody, then reported and passed over', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1), broadcast(a, 4)], { nowMs: 1 });
    expect(receiver.dueAtMs).toBe(101);
    const { asked, gaps, deliver, endedAtMs } = untilQuiet(receiver);
    const [first, later] = ['a2-3 of sender', 'a2-3 of everybody'];
    expect(asked).toEqual([first, first, later, later]);
    expect(gaps).toEqual([{ channel: 'all', sender: a, from: 2, to: 3 }]);
    expect([deliver, endedAtMs, receiver.frontier('all').get(a)]).toEqual([['a4'], 901, 4]);
  });

  it('is delivered when a repair brings it, without a gap', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 3)], { nowMs: 1 });
    receiver.step([tick], { nowMs: 101 });
    expect(receiver.step([broadcast(a, 1), broadcast(a, 2)], { nowMs: 150 })).toMatchObject({
      deliver: ['a1', 'a2', 'a3'],
      gaps: [],
    });
    expect(receiver.dueAtMs).toBeUndefined();
  });

  it('is asked of everybody at once when the sender has it no more', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 3)], { nowMs: 1 });
    receiver.step([tick], { nowMs: 101 });
    const keptFrom = { kind: 'kept_from', channel: 'all', sender: a, sequence: 3 } as const;
    expect(receiver.step([keptFrom], { nowMs: 120 }).repairs).toEqual([
      { channel: 'all', sender: a, from: 1, to: 2, of: 'everybody' },
    ]);
  });

  it('is noticed when the sender says how far it has come, and nothing later arrives', () => {
    const receiver = listening();
    receiver.step([{ kind: 'sender_frontier', sender: a, channel: 'all', sequence: 2 }], { nowMs: 1 });
    expect(receiver.step([tick], { nowMs: 101 }).repairs).toEqual([
      { channel: 'all', sender: a, from: 1, to: 2, of: 'sender' },
    ]);
  });

  it('delays only what comes after it', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 2)], { nowMs: 1 });
    expect(receiver.step([broadcast(b, 1)], { nowMs: 2 }).deliver).toEqual(['b1']);
  });
});

describe('what others claim', () => {
  it('is waited for until it is given up, and advances nothing', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1), broadcast(b, 1, { all: { [a]: 50 } })], { nowMs: 1 });
    const { deliver, gaps } = untilQuiet(receiver);
    expect([deliver, gaps]).toEqual([['b1'], [{ channel: 'all', sender: a, from: 2, to: 50 }]]);
    expect(receiver.frontier('all').get(a)).toBe(1);
    expect(receiver.step([broadcast(a, 2)], { nowMs: 5_000 }).deliver).toEqual(['a2']);
  });

  it('is not waited for again when it is repeated', () => {
    const receiver = listening();
    receiver.step([broadcast(b, 1, { all: { [a]: 9_000 } })], { nowMs: 1 });
    untilQuiet(receiver);
    expect(receiver.step([broadcast(b, 2, { all: { [a]: 9_000 } })], { nowMs: 5_000 }).deliver).toEqual([
      'b2',
    ]);
  });

  it('is given up once for each place, where there is no room and each of them comes again and again', () => {
    // Nobody has anything of a any more. What b sent comes with every repair, and finds no room while c1 waits.
    const receiver = listening({ heldMax: 1 });
    const ofB = [broadcast(b, 2, { all: { [a]: 2 } }), broadcast(b, 1, { all: { [a]: 1 } })];
    const delivered = [...receiver.step([broadcast(c, 1, { all: { [b]: 2 } })], { nowMs: 1 }).deliver];
    let nowMs = 1;
    for (; delivered.length < 3 && nowMs < 20_000; nowMs += 200) {
      delivered.push(
        ...receiver.step(ofB, { nowMs }).deliver,
        ...receiver.step([tick], { nowMs: nowMs + 100 }).deliver,
      );
    }
    expect(delivered).toEqual(['b1', 'b2', 'c1']);
    expect(nowMs).toBeLessThan(5_000);
  });

  it('is waited for when another says so: that may have been sent meanwhile', () => {
    const receiver = listening();
    receiver.step([broadcast(b, 1, { all: { [a]: 1 } })], { nowMs: 1 });
    untilQuiet(receiver);
    // Now it is sent, and lost on its way to here.
    expect(receiver.step([broadcast(c, 1, { all: { [a]: 1 } })], { nowMs: 5_000 }).deliver).toEqual([]);
    expect(receiver.step([tick], { nowMs: 5_100 }).repairs).toMatchObject([{ sender: a, from: 1, to: 1 }]);
    expect(receiver.step([broadcast(a, 1)], { nowMs: 5_101 }).deliver).toEqual(['a1', 'c1']);
  });

  it('is reported once, whoever repeats it, and as lost once its sender shows that it was sent', () => {
    const receiver = listening();
    receiver.step([broadcast(b, 1, { all: { [a]: 2 } })], { nowMs: 1 });
    expect(untilQuiet(receiver).gaps).toHaveLength(1);
    receiver.step([broadcast(c, 1, { all: { [a]: 2 } })], { nowMs: 5_000 });
    expect(untilQuiet(receiver)).toMatchObject({ deliver: ['c1'], gaps: [] });
    receiver.step([broadcast(a, 3)], { nowMs: 10_000 });
    expect(untilQuiet(receiver)).toMatchObject({ deliver: ['a3'], gaps: [{ sender: a, from: 1, to: 2 }] });
  });

  it('is reported whole, in whichever order its parts are given up', () => {
    const receiver = listening();
    receiver.step([broadcast(b, 1, { all: { [a]: 5 } })], { nowMs: 1 });
    receiver.step([tick], { nowMs: 101 });
    // What it claims gets a time of its own, and is given up later than what is beyond.
    receiver.step([broadcast(c, 1, { all: { [a]: 4 } })], { nowMs: 200 });
    expect(untilQuiet(receiver).gaps).toMatchObject([
      { from: 5, to: 5 },
      { from: 1, to: 4 },
    ]);
  });

  it('far beyond does not shorten the wait for what is honestly missing', () => {
    const receiver = listening();
    receiver.step([broadcast(b, 1, { all: { [a]: 9_000 } })], { nowMs: 1 });
    for (const nowMs of [101, 301, 501, 701]) receiver.step([tick], { nowMs });
    receiver.step([broadcast(c, 1, { all: { [a]: 1 } })], { nowMs: 800 });
    const { deliver, gaps } = receiver.step([tick], { nowMs: 901 });
    expect([deliver, gaps]).toEqual([[], [{ channel: 'all', sender: a, from: 2, to: 9_000 }]]);
    expect(receiver.step([broadcast(a, 1)], { nowMs: 1_000 }).deliver).toEqual(['a1', 'b1', 'c1']);
  });
});

describe('who joins', () => {
  const synced = (sender: SenderId, frontier: Record<SenderId, number>): ReceiverInput<string> => ({
    kind: 'synced',
    sender,
    frontiers: frontiersOf({ all: frontier }),
  });

  it('asks, holds what comes, and starts where each sender says that it stands', () => {
    const receiver = new CausalReceiver<string>(options);
    expect(receiver.step([], { nowMs: 0 }).askSync).toBe(true);
    expect(receiver.dueAtMs).toBe(1_000);
    expect(receiver.step([broadcast(a, 8)], { nowMs: 10 }).deliver).toEqual([]);
    receiver.step([synced(a, { [a]: 7 })], { nowMs: 20 });
    expect(receiver.dueAtMs).toBe(250);
    const { deliver, repairs } = receiver.step([tick], { nowMs: 250 });
    expect([deliver, repairs]).toEqual([['a8'], []]);
    expect(receiver.step([broadcast(a, 7)], { nowMs: 251 }).refused).toEqual([
      { reason: 'before_start', message: 'a7' },
    ]);
  });

  it('takes what a sender sent just before it said where it stands', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([broadcast(a, 8), broadcast(a, 7)], { nowMs: 0 });
    receiver.step([synced(a, { [a]: 9 })], { nowMs: 10 });
    expect(receiver.step([tick], { nowMs: 250 })).toMatchObject({ deliver: ['a7', 'a8'], refused: [] });
  });

  it('takes nothing again that it had before it began anew', () => {
    const self = 'me.00000001';
    const receiver = new CausalReceiver<string>({ ...options, self });
    receiver.step([synced(self, { [a]: 8 }), broadcast(a, 8), broadcast(a, 9)], { nowMs: 0 });
    receiver.step([synced(a, { [a]: 9 })], { nowMs: 10 });
    expect(receiver.step([tick], { nowMs: 250 })).toMatchObject({
      deliver: ['a9'],
      refused: [{ reason: 'before_start', message: 'a8' }],
    });
  });

  it('believes a sender about itself, others about one that is gone, and else starts at nothing', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([synced(a, { [a]: 5, [b]: 9, [c]: 4 }), synced(b, { [a]: 80, [b]: 6 })], { nowMs: 0 });
    receiver.step([tick], { nowMs: 250 });
    expect(receiver.frontier('all')).toEqual(
      new Map([
        [a, 5],
        [b, 6],
        [c, 4],
      ]),
    );
    expect(receiver.step([broadcast('d.00000001', 1)], { nowMs: 251 }).deliver).toEqual(['d1']);
  });

  it('takes the word of a sender that comes late, as long as nothing of it was delivered', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([], { nowMs: 0 });
    receiver.step([tick], { nowMs: 1_000 });
    receiver.step([broadcast(a, 40)], { nowMs: 1_010 });
    expect(receiver.step([synced(a, { [a]: 39 })], { nowMs: 1_050 })).toMatchObject({
      deliver: ['a40'],
      gaps: [],
    });
  });

  it('takes what a sender sent after the wait, though its late word on where it stands counts that', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([], { nowMs: 0 });
    receiver.step([tick], { nowMs: 1_000 });
    expect(receiver.step([broadcast(a, 40)], { nowMs: 1_010 }).deliver).toEqual([]);
    expect(receiver.step([synced(a, { [a]: 40 })], { nowMs: 1_020 })).toMatchObject({
      deliver: ['a40'],
      refused: [],
    });
    expect(untilQuiet(receiver)).toMatchObject({ asked: [], gaps: [] });
  });

  it('takes that too when there was no room for it as it came', () => {
    const receiver = new CausalReceiver<string>({ ...options, heldMax: 1 });
    receiver.step([], { nowMs: 0 });
    receiver.step([tick], { nowMs: 1_000 });
    receiver.step([broadcast(b, 1, { all: { [c]: 1 } })], { nowMs: 1_005 });
    expect(receiver.step([broadcast(a, 40)], { nowMs: 1_010 }).refused).toMatchObject([
      { reason: 'no_room' },
    ]);
    receiver.step([synced(a, { [a]: 40 })], { nowMs: 1_020 });
    expect(receiver.step([broadcast(a, 40)], { nowMs: 1_200 })).toMatchObject({
      deliver: ['a40'],
      refused: [],
    });
  });

  it('asks for all that a newer sender sent, whatever others say late of one that was heard itself', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([synced(a, {})], { nowMs: 0 });
    receiver.step([tick], { nowMs: 250 });
    receiver.step([broadcast(c, 2)], { nowMs: 260 });
    expect(receiver.step([synced(b, { [c]: 2 })], { nowMs: 270 })).toMatchObject({
      deliver: [],
      refused: [],
    });
    const asked = receiver.step([tick], { nowMs: 260 + options.repairAfterMs }).repairs;
    expect(asked).toEqual([{ channel: 'all', sender: c, from: 1, to: 1, of: 'sender' }]);
    expect(receiver.step([broadcast(c, 1)], { nowMs: 500 }).deliver).toEqual(['c1', 'c2']);
  });

  it('waits longer when nobody has answered yet', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([broadcast(a, 8)], { nowMs: 0 });
    receiver.step([tick], { nowMs: 250 });
    expect(receiver.isSyncing).toBe(true);
    expect(receiver.step([synced(b, { [a]: 7 })], { nowMs: 600 }).deliver).toEqual(['a8']);
    expect(receiver.isSyncing).toBe(false);
  });

  it('takes the late word of others about who is gone, and does not ask for what lies before', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([], { nowMs: 0 });
    receiver.step([tick], { nowMs: 1_000 });
    const held = receiver.step([broadcast(a, 1, { all: { [c]: 30 } })], { nowMs: 1_010 });
    expect(held.deliver).toEqual([]);
    const told = receiver.step([synced(b, { [c]: 29 })], { nowMs: 1_050 });
    expect(told.deliver).toEqual([]);
    const { repairs } = receiver.step([tick], { nowMs: 1_050 + options.repairAfterMs });
    expect(repairs).toEqual([{ channel: 'all', sender: c, from: 30, to: 30, of: 'sender' }]);
    expect(receiver.step([broadcast(c, 30)], { nowMs: 1_500 }).deliver).toEqual(['c30', 'a1']);
  });

  it('is not kept from a sender for ever by one who said that it was further', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([synced(b, { [a]: 90 })], { nowMs: 0 });
    receiver.step([tick], { nowMs: 250 });
    expect(receiver.step([broadcast(a, 4)], { nowMs: 300 }).refused).toEqual([
      { reason: 'before_start', message: 'a4' },
    ]);
    receiver.step([{ kind: 'sender_frontier', sender: a, channel: 'all', sequence: 4 }], { nowMs: 2_000 });
    expect(receiver.step([broadcast(a, 5)], { nowMs: 2_100 }).deliver).toEqual(['a5']);
  });

  it('is not kept from a sender at all by one who said more than can be', () => {
    const receiver = new CausalReceiver<string>(options);
    receiver.step([synced(b, { [a]: 50_000_000 })], { nowMs: 0 });
    receiver.step([tick], { nowMs: 250 });
    expect(receiver.step([broadcast(a, 4), broadcast(a, 5)], { nowMs: 300 }).deliver).toEqual(['a4', 'a5']);
  });

  it('takes nothing for a start that strayed here from long ago', () => {
    const receiver = new CausalReceiver<string>(options);
    const inputs = [broadcast(a, 1), synced(a, { [a]: 5_000 }), broadcast(a, 5_001)];
    receiver.step(inputs, { nowMs: 0 });
    const { deliver, refused, repairs } = receiver.step([tick], { nowMs: 250 });
    expect([deliver, refused.map(({ message }) => message), repairs]).toEqual([['a5001'], ['a1'], []]);
  });

  it('or was away for too long, asks anew and reports what it missed', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1)], { nowMs: 1 });
    const far = receiver.step([broadcast(a, 500)], { nowMs: 5_000 });
    expect([far.askSync, far.refused.map(({ reason }) => reason)]).toEqual([true, ['too_far_ahead']]);
    const { gaps } = receiver.step([synced(a, { [a]: 500 })], { nowMs: 5_010 });
    expect(gaps).toEqual([{ channel: 'all', sender: a, from: 2, to: 500 }]);
    expect(receiver.step([broadcast(a, 501)], { nowMs: 5_020 }).deliver).toEqual(['a501']);
  });
});

describe('the bounds', () => {
  const reasonsOf = (receiver: CausalReceiver<string>, inputs: ReceiverInput<string>[], nowMs = 1) =>
    receiver.step(inputs, { nowMs }).refused.map(({ reason }) => reason);

  it('refuse what does not fit, and it is asked for later', () => {
    const receiver = listening({ heldMax: 1 });
    expect(reasonsOf(receiver, [broadcast(a, 3), broadcast(a, 2)])).toEqual(['no_room']);
    expect(receiver.step([tick], { nowMs: 101 }).repairs).toHaveLength(1);
    // What can be delivered needs no room.
    expect(receiver.step([broadcast(a, 1)], { nowMs: 102 }).deliver).toEqual(['a1']);
    expect(receiver.step([broadcast(a, 2)], { nowMs: 103 }).deliver).toEqual(['a2', 'a3']);
  });

  it('use up no try of what could be had, and was turned away', () => {
    const receiver = listening({ heldMax: 1 });
    const first = broadcast(a, 1, { all: { [b]: 1 } });
    receiver.step([broadcast(b, 9), first], { nowMs: 1 });
    let asks = 0;
    // The first waits for what is under way for long; so does the one that takes the room.
    for (let nowMs = 101; nowMs <= 101 + 3 * options.repairsMax * options.repairEveryMs; nowMs += 200) {
      const { repairs, gaps } = receiver.step([tick], { nowMs });
      expect(gaps.filter(({ sender }) => sender === a)).toEqual([]);
      for (const { sender } of repairs) {
        const away = { kind: 'turned_away', channel: 'all', sender: b, sequence: 1 } as const;
        if (sender === a) asks += 1;
        expect(receiver.step([sender === a ? first : away], { nowMs }).deliver).toEqual([]);
      }
    }
    expect(asks).toBeGreaterThan(2 * options.repairsMax);
    expect(receiver.step([broadcast(a, 1), broadcast(a, 2)], { nowMs: 9_000 }).deliver).toEqual(['a1', 'a2']);
  });

  it('use up the tries of what does not come, though what was asked for with it was turned away', () => {
    const receiver = listening({ heldMax: 1 });
    receiver.step([broadcast(c, 1, { all: { [a]: 2 } })], { nowMs: 1 });
    const delivered: string[] = [];
    const gaps: unknown[] = [];
    for (let nowMs = 101; nowMs <= 101 + 2 * options.repairsMax * options.repairEveryMs; nowMs += 200) {
      const asked = receiver.step([tick], { nowMs });
      const { deliver } = receiver.step(
        asked.repairs.filter(({ to }) => to === 2).map(() => broadcast(a, 2)),
        { nowMs },
      );
      delivered.push(...asked.deliver, ...deliver);
      gaps.push(...asked.gaps);
    }
    expect([delivered, gaps]).toEqual([['a2', 'c1'], [{ channel: 'all', sender: a, from: 1, to: 1 }]]);
  });

  it('use up no try either when it is the caller who has no room', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 2)], { nowMs: 1 });
    for (let nowMs = 101; nowMs < 5_000; nowMs += 200) {
      expect(receiver.step([tick], { nowMs })).toMatchObject({ repairs: [{ from: 1, to: 1 }], gaps: [] });
      receiver.step([{ kind: 'turned_away', channel: 'all', sender: a, sequence: 1 }], { nowMs });
    }
    expect(untilQuiet(receiver)).toMatchObject({ deliver: ['a2'], gaps: [{ from: 1, to: 1 }] });
  });

  it('keep nobody waiting without end for what liars let wait for each other', () => {
    const receiver = listening({ heldMax: 1 });
    const circle = {
      [a]: broadcast(a, 1, { all: { [b]: 1 } }),
      [b]: broadcast(b, 1, { all: { [a]: 1 } }),
    };
    receiver.step([broadcast(c, 1, { all: { [a]: 1 } })], { nowMs: 1 });
    const delivered: string[] = [];
    let nowMs = 1;
    for (let steps = 0; steps < 1_000 && receiver.dueAtMs !== undefined; steps += 1) {
      nowMs = receiver.dueAtMs;
      const { deliver, repairs } = receiver.step([tick], { nowMs });
      const answers = repairs.map(({ sender }) => circle[sender as keyof typeof circle]);
      delivered.push(...deliver, ...receiver.step(answers, { nowMs }).deliver);
    }
    expect([delivered, receiver.held, receiver.dueAtMs]).toEqual([['c1'], 0, undefined]);
    expect(nowMs).toBeLessThan(200 * options.repairEveryMs);
  });

  it('let own broadcasts wait up to a number of their own, and take no room from others', () => {
    const sent = (sequence: number): ReceiverInput<string> => ({
      kind: 'sent',
      stamp: {
        sender: 'me.00000001',
        broadcast: { channel: 'all', sequence },
        after: frontiersOf({ all: { [b]: 1, ...(sequence > 1 && { 'me.00000001': sequence - 1 }) } }),
      },
      message: `me${sequence}`,
    });
    for (const receiver of [listening({ heldMax: 1 }), new CausalReceiver<string>(options)]) {
      const own = Array.from({ length: 1_024 }, (_, at) => sent(at + 1));
      expect(receiver.step(own, { nowMs: 1 })).toMatchObject({ deliver: [], refused: [] });
      expect(receiver.step([broadcast(a, 2)], { nowMs: 1 }).refused).toEqual([]);
      expect(receiver.held).toBe(1_025);
      // One more is too many: none of them waits any longer.
      expect(receiver.step([sent(1_025)], { nowMs: 1 }).deliver).toHaveLength(1_025);
      expect(receiver.held).toBe(1);
    }
  });

  it('count bytes too', () => {
    expect(reasonsOf(listening({ heldBytesMax: 19 }), [broadcast(a, 3), broadcast(a, 4)])).toEqual([
      'no_room',
    ]);
  });

  it('refuse stamps that contradict themselves, and other channels', () => {
    const own = broadcast(a, 2);
    if (own.kind !== 'message') throw new Error('a broadcast is a message');
    const after = frontiersOf({ all: { [a]: 2 } });
    const other = { channel: 'group.z', sequence: 1 };
    expect(
      reasonsOf(listening(), [
        { ...own, stamp: { ...own.stamp, after } },
        { ...own, stamp: { ...own.stamp, broadcast: { channel: 'all', sequence: 1.5 } } },
        { ...own, stamp: { ...own.stamp, broadcast: other } },
      ]),
    ).toEqual(['malformed', 'malformed', 'other_channel']);
  });

  it('make room for new senders by those that are silent, and for new lives by older ones of the same id', () => {
    const receiver = listening();
    for (let life = 1; life <= 40; life += 1) {
      receiver.step([broadcast(`x.0000${1_000 + life}`, 1)], { nowMs: life });
    }
    expect(receiver.frontier('all').size).toBe(4);
    for (let id = 1; id <= 40; id += 1) {
      expect(receiver.step([broadcast(`y${id}.00000001`, 1)], { nowMs: 100 + id }).deliver).toHaveLength(1);
    }
    expect(receiver.frontier('all').size).toBe(8);
  });

  it('refuse a new sender when all others are waited for', () => {
    const receiver = listening({ sendersMax: 2 });
    expect(reasonsOf(receiver, [broadcast(a, 2), broadcast(b, 2), broadcast(c, 1)])).toEqual([
      'too_many_senders',
    ]);
  });

  it('forget who was silent for long, and know it again', () => {
    const receiver = listening();
    receiver.step([broadcast(a, 1), broadcast(b, 1)], { nowMs: 1 });
    receiver.step([broadcast(b, 2)], { nowMs: 50_000 });
    receiver.step([tick], { nowMs: 90_000 });
    expect([...receiver.frontier('all').keys()]).toEqual([b]);
    expect(receiver.step([targeted(b, { all: { [a]: 1 } })], { nowMs: 90_001 }).deliver).toHaveLength(1);
    expect(reasonsOf(receiver, [broadcast(a, 1)], 90_002)).toHaveLength(1);
    expect(receiver.step([broadcast(a, 2)], { nowMs: 90_003 }).deliver).toEqual(['a2']);
  });
});
