import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Applied, type Command, type Proposal, ReplicatedState } from './index.js';

const name = fc.constantFrom('a', 'b', 'c');
const ttlMs = fc.integer({ min: 1, max: 100 });
/** Mostly absent, so that what it leads to does not hide the rest. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const fence = seldom(fc.record({ resource: name, token: fc.integer({ min: 1, max: 60 }) }));
/** JSON as it comes out of a log, which knows no negative zero. */
const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)) as unknown);
const optional = (max: number) => seldom(fc.nat({ max }));

/** Commands as the edge lets them through, over few names, so that they meet. */
const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('put' as const),
    key: name,
    value,
    expectedVersion: optional(9),
    fence,
  }),
  fc.record({ type: fc.constant('delete' as const), key: name, expectedVersion: optional(9), fence }),
  fc.record({ type: fc.constant('decide' as const), key: name, value, fence }),
  fc.record({ type: fc.constant('lease.acquire' as const), resource: name, owner: name, ttlMs }),
  fc.record({
    type: fc.constant('lease.renew' as const),
    resource: name,
    owner: name,
    ttlMs,
    fencingToken: optional(9),
  }),
  fc.record({
    type: fc.constant('lease.release' as const),
    resource: name,
    owner: name,
    fencingToken: optional(9),
  }),
  fc.record({ type: fc.constant('campaign' as const), election: name, candidate: fc.string(), ttlMs }),
  fc.record({ type: fc.constant('campaign' as const), election: name, candidate: name, ttlMs }),
  fc.record({ type: fc.constant('resign' as const), election: name, candidate: name }),
);
const sessionArbitrary = fc.record({
  clientId: name,
  seq: fc.integer({ min: 1, max: 12 }),
  settledBelow: fc.nat({ max: 6 }),
  openedAtIndex: fc.nat({ max: 8 }),
});
const proposalArbitrary: fc.Arbitrary<Proposal> = fc.record({
  atMs: fc.nat({ max: 1_500 }),
  session: seldom(sessionArbitrary),
  requestId: seldom(fc.constantFrom('r', 's', 't')),
  command: fc.oneof(
    { weight: 9, arbitrary: commandArbitrary },
    { weight: 1, arbitrary: fc.constant({ type: 'expire' as const }) },
  ),
});
/** A log: the stamps of its entries mostly grow. */
const logArbitrary = fc
  .array(proposalArbitrary, { maxLength: 60 })
  .map((log) => log.map((proposal, at) => ({ ...proposal, atMs: at * 20 + (proposal.atMs % 60) })));

/** Any proposal that the types allow, whatever the edge would say of it. */
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, Infinity, -0, 2 ** 53, -1));
const anyName = fc.oneof(name, fc.string(), fc.constantFrom('__proto__', 'constructor', ''));
const anyText = fc.oneof(fc.constant(undefined), anyName);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const anyFence = maybe(fc.record({ resource: anyName, token: anyNumber }));
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('put' as const),
    key: anyName,
    value: fc.anything(),
    expectedVersion: maybe(anyNumber),
    fence: anyFence,
  }),
  fc.record({
    type: fc.constant('delete' as const),
    key: anyName,
    expectedVersion: maybe(anyNumber),
    fence: anyFence,
  }),
  fc.record({ type: fc.constant('decide' as const), key: anyName, value: fc.anything(), fence: anyFence }),
  fc.record({
    type: fc.constantFrom('lease.acquire' as const, 'lease.renew' as const, 'lease.release' as const),
    resource: anyName,
    owner: anyName,
    ttlMs: anyNumber,
    fencingToken: maybe(anyNumber),
  }),
  fc.record({
    type: fc.constantFrom('campaign' as const, 'resign' as const),
    election: anyName,
    candidate: anyName,
    ttlMs: anyNumber,
  }),
);
const anyProposal: fc.Arbitrary<Proposal> = fc.record({
  atMs: anyNumber,
  session: maybe(
    fc.record({ clientId: anyName, seq: anyNumber, settledBelow: anyNumber, openedAtIndex: anyNumber }),
  ),
  requestId: anyText,
  command: anyCommand,
});

const limits = { sessionsMax: 2, sessionIdleMs: 150, requestIdWindowMs: 200, outcomesPerSessionMax: 3 };
/** Likewise, and most of what is over is not cleared at once. */
const late = { ...limits, expiriesPerCommandMax: 1, expiriesPerExpireMax: 2, requestIdsMax: 2 };
const limitsArbitrary = fc.constantFrom(limits, late);

function run(state: ReplicatedState, log: readonly Proposal[], from = 0): Applied[] {
  return log.map((proposal, at) => state.apply({ index: from + at + 1, term: 1 }, proposal));
}
const bytes = (state: ReplicatedState) => JSON.stringify(state.image());

describe('the state', () => {
  it('is a function of the log: the same log gives the same outcomes and the same image', () => {
    fc.assert(
      fc.property(logArbitrary, limitsArbitrary, (log, limits) => {
        const [one, other] = [new ReplicatedState(limits), new ReplicatedState(limits)];
        expect(run(one, log)).toEqual(run(other, log));
        expect(bytes(one)).toBe(bytes(other));
      }),
    );
  });

  it('goes on from an image exactly as the state that gave it, which never changes it', () => {
    fc.assert(
      fc.property(logArbitrary, fc.nat({ max: 60 }), limitsArbitrary, (log, cut, limits) => {
        const live = new ReplicatedState(limits);
        run(live, log.slice(0, cut));
        const image = live.image();
        const text = JSON.stringify(image);
        const restored = ReplicatedState.restore(JSON.parse(text) as typeof image, limits);
        expect(restored.image()).toEqual(image);
        const rest = log.slice(cut);
        expect(run(restored, rest, cut)).toEqual(run(live, rest, cut));
        expect(bytes(restored)).toBe(bytes(live));
        expect(restored.nextExpiryMs).toBe(live.nextExpiryMs);
        expect(JSON.stringify(image)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('is captured as it stands, and written in pieces while it goes on', () => {
    const cuts = fc.tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 2_000 }));
    fc.assert(
      fc.property(logArbitrary, cuts, limitsArbitrary, (log, [cut, bytesAtOnce], limits) => {
        const state = new ReplicatedState(limits);
        run(state, log.slice(0, cut));
        const text = bytes(state);
        const capture = state.capture();
        const tables: Record<string, unknown[]> = Object.fromEntries(
          ['keys', 'leases', 'elections', 'sessions', 'requests'].map((table) => [table, []]),
        );
        const rest = log.slice(cut).values();
        for (const { table, rows } of capture.runs(bytesAtOnce)) {
          tables[table]?.push(...rows);
          const { value: next } = rest.next();
          if (next) state.apply({ index: state.appliedIndex + 1, term: 1 }, next);
        }
        expect(JSON.stringify({ ...capture.numbers, ...tables })).toBe(text);
        expect(JSON.stringify(capture.image())).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('is restored run by run to what it was, of each run when the one before is taken in', () => {
    fc.assert(
      fc.property(logArbitrary, fc.integer({ min: 1, max: 2_000 }), limitsArbitrary, (log, size, limits) => {
        const live = new ReplicatedState(limits);
        run(live, log);
        const capture = live.capture();
        let asked = 0;
        function* runs() {
          for (const each of capture.runs(size)) {
            asked++;
            yield JSON.parse(JSON.stringify(each)) as typeof each;
          }
        }
        const steps = ReplicatedState.restoreInSteps(capture.numbers, runs(), limits);
        let step = steps.next();
        for (let taken = 1; step.done !== true; taken++) {
          expect(asked).toBe(taken);
          step = steps.next();
        }
        expect(asked).toBe([...capture.runs(size)].length);
        expect(bytes(step.value)).toBe(bytes(live));
      }),
    );
  });

  it('has an outcome for every proposal that the types allow', () => {
    fc.assert(
      fc.property(fc.array(anyProposal, { maxLength: 40 }), limitsArbitrary, (log, limits) => {
        const state = new ReplicatedState(limits);
        for (const { outcome } of run(state, log)) expect(['done', 'refused']).toContain(outcome.kind);
        expect(Number.isSafeInteger(state.clockMs)).toBe(true);
        const again = ReplicatedState.restore(state.image(), limits);
        expect(again.image()).toEqual(state.image());
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing by a refusal or a repetition but what the stamp ended', () => {
    fc.assert(
      fc.property(logArbitrary, (log) => {
        const state = new ReplicatedState(limits);
        for (const [at, proposal] of log.entries()) {
          const { atMs } = proposal;
          const waited = ReplicatedState.restore(state.image(), limits);
          const ended = waited.apply({ index: at + 1, term: 1 }, { atMs, command: { type: 'expire' } });
          const { outcome, repeated, changes } = state.apply({ index: at + 1, term: 1 }, proposal);
          if (outcome.kind === 'done' && !repeated) continue;
          expect(changes).toEqual(ended.changes);
          const { keys, leases, elections } = state.image();
          expect({ keys, leases, elections }).toEqual(
            (({ keys, leases, elections }) => ({ keys, leases, elections }))(waited.image()),
          );
        }
      }),
    );
  });

  it('tells its watchers enough to know all keys and all holders', () => {
    fc.assert(
      fc.property(logArbitrary, (log) => {
        const state = new ReplicatedState(limits);
        const seen = new Map<string, unknown>();
        for (const { changes } of run(state, log))
          for (const change of changes) {
            if (change.kind === 'key') seen.set(`key ${change.key}`, [change.value, change.version]);
            if (change.kind === 'lease')
              seen.set(`lease ${change.resource}`, [change.owner, change.fencingToken]);
            if (change.kind === 'election')
              seen.set(`election ${change.election}`, [change.leader, change.fencingToken]);
          }
        for (const each of ['a', 'b', 'c']) {
          const { value, version } = state.key(each);
          const lease = state.lease(each);
          const election = state.election(each);
          expect(seen.get(`key ${each}`) ?? [null, 0]).toEqual([value, version]);
          expect(seen.get(`lease ${each}`) ?? [null, null]).toEqual([lease.owner, lease.fencingToken]);
          expect(seen.get(`election ${each}`) ?? [null, null]).toEqual([
            election.leader,
            election.fencingToken,
          ]);
        }
      }),
    );
  });
});

describe('fencing tokens', () => {
  it('grow strictly, over all leases and offices, and are never below the entry that gave them', () => {
    fc.assert(
      fc.property(logArbitrary, limitsArbitrary, (log, limits) => {
        let last = 0;
        for (const { changes } of run(new ReplicatedState(limits), log))
          for (const change of changes) {
            if (change.kind === 'key' || change.fencingToken === null) continue;
            expect(change.fencingToken).toBeGreaterThan(last);
            expect(change.fencingToken).toBeGreaterThanOrEqual(change.index);
            last = change.fencingToken;
          }
      }),
    );
  });

  it('open a fence only while they are the current one', () => {
    fc.assert(
      fc.property(logArbitrary, limitsArbitrary, (log, limits) => {
        const state = new ReplicatedState(limits);
        for (const [at, proposal] of log.entries()) {
          const { atMs, command } = proposal;
          const held = ReplicatedState.restore(state.image(), limits);
          held.apply({ index: at + 1, term: 1 }, { atMs, command: { type: 'expire' } });
          const { outcome, repeated } = state.apply({ index: at + 1, term: 1 }, proposal);
          if (!('fence' in command) || command.fence === undefined || repeated) continue;
          const { resource, token } = command.fence;
          const current = [held.lease(resource).fencingToken, held.election(resource).fencingToken];
          if (!current.includes(token)) expect(outcome.kind).toBe('refused');
        }
      }),
    );
  });
});
