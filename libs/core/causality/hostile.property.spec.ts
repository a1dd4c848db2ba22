import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CausalReceiver, type ReceiverInput } from './index.js';
import { broadcast } from './testdata/broadcast.js';
import { options as usual } from './testdata/listening.js';

const options = { ...usual, heldMax: 20, heldBytesMax: 500, sendersMax: 16, aheadMax: 50 };
const patienceMs = options.repairAfterMs + options.repairsMax * options.repairEveryMs;
const honest = 'honest.00000001';

const senderArbitrary = fc.oneof(
  fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 9 })).map(([id, life]) => `liar${id}.0000000${life}`),
  fc.constantFrom('__proto__', '', 'no-life'),
);
/** Liars may speak of the honest one and of the receiver, but in their own name only. */
const aboutArbitrary = fc.oneof(senderArbitrary, fc.constantFrom(honest, 'me.00000001'));
const numberArbitrary = fc.oneof(
  fc.nat({ max: 60 }),
  fc.constantFrom(-1, 0.5, Number.NaN, Infinity, 2 ** 53, Number.MAX_SAFE_INTEGER, 1e15),
);
const channelArbitrary = fc.constantFrom('all', 'group.a', 'group.other', '__proto__');
/** What the edge lets through as frontiers: safe integers from 1 on. */
const frontiersArbitrary = fc
  .array(
    fc.tuple(
      channelArbitrary,
      fc.array(fc.tuple(aboutArbitrary, fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(1e15))), {
        maxLength: 30,
      }),
    ),
    { maxLength: 3 },
  )
  .map((channels) => new Map(channels.map(([channel, entries]) => [channel, new Map(entries)])));

const lieArbitrary: fc.Arbitrary<ReceiverInput<string>> = fc.oneof(
  fc
    .record({
      sender: senderArbitrary,
      broadcast: fc.option(fc.record({ channel: channelArbitrary, sequence: numberArbitrary }), {
        nil: undefined,
      }),
      after: frontiersArbitrary,
    })
    .map((stamp): ReceiverInput<string> => ({ kind: 'message', stamp, message: 'lie', bytes: 10 })),
  fc.record({
    kind: fc.constant('sender_frontier' as const),
    sender: senderArbitrary,
    channel: channelArbitrary,
    sequence: numberArbitrary,
  }),
  fc.record({ kind: fc.constant('synced' as const), sender: senderArbitrary, frontiers: frontiersArbitrary }),
  fc.record({
    kind: fc.constant('kept_from' as const),
    channel: channelArbitrary,
    sender: aboutArbitrary,
    sequence: numberArbitrary,
  }),
);

const storyArbitrary = fc.array(
  fc.record({
    lies: fc.array(lieArbitrary, { maxLength: 5 }),
    waitMs: fc.constantFrom(0, 10, 100, 1_000, 70_000),
    /** Whether the honest one broadcasts, too. */
    isHonest: fc.boolean(),
  }),
  { maxLength: 30 },
);

describe('liars among the senders', () => {
  it('delay and lose nothing of an honest one, break no bound, and are never waited for without end', () => {
    fc.assert(
      fc.property(storyArbitrary, (story) => {
        const receiver = new CausalReceiver<string>(options);
        let nowMs = 0;
        let sent = 0;
        // It is heard before the lies are: of itself it is believed.
        receiver.step([{ kind: 'synced', sender: honest, frontiers: new Map() }], { nowMs });
        nowMs = options.syncMs;
        receiver.step([{ kind: 'tick' }], { nowMs });
        for (const { lies, waitMs, isHonest } of story) {
          nowMs += waitMs;
          const truth = isHonest ? [broadcast(honest, (sent += 1))] : [];
          const effects = receiver.step([...lies, ...truth], { nowMs });
          const expected = isHonest ? [`h${sent}`] : [];
          expect(effects.deliver.filter((message) => message !== 'lie')).toEqual(expected);
          expect(effects.repairs.length).toBeLessThanOrEqual(64);
          expect(receiver.held).toBeLessThanOrEqual(options.heldMax);
          expect(receiver.frontier('all').size).toBeLessThanOrEqual(options.sendersMax);
          expect(receiver.frontiers.size).toBe(options.channels.length);
        }
        const lastMs = nowMs;
        for (let steps = 0; steps < 2_000 && receiver.dueAtMs !== undefined; steps += 1) {
          nowMs = Math.max(nowMs, receiver.dueAtMs);
          receiver.step([{ kind: 'tick' }], { nowMs });
        }
        expect([receiver.held, receiver.dueAtMs]).toEqual([0, undefined]);
        // Holes behind holes are given up one patience after the other, and there are not many behind each other.
        expect(nowMs - lastMs).toBeLessThan(20 * patienceMs);
      }),
      { numRuns: 300 },
    );
  });
});
