import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Change, type Command, ReplicatedState } from './index.js';

interface Holding {
  readonly name: string;
  untilMs: number;
}

/** What was last told of a lease or office: who has it, and the last token that anybody got. */
interface Told {
  owner: string | null;
  token: number;
}

const resources = ['r', 's', 't'];
const offices = ['e', 'f'];

/** Leases and offices by the simplest means there are: lists that are searched, and ended at once. */
class Model {
  readonly leases = new Map<string, Holding>();
  readonly candidates = new Map<string, Holding[]>();
  readonly told = new Map<string, Told>();

  at(nowMs: number): void {
    for (const [resource, { untilMs }] of this.leases) if (untilMs <= nowMs) this.leases.delete(resource);
    for (const [election, all] of this.candidates)
      this.candidates.set(
        election,
        all.filter(({ untilMs }) => untilMs > nowMs),
      );
  }

  /** @returns whether it is done */
  apply(command: Command, nowMs: number): boolean {
    switch (command.type) {
      case 'lease.acquire': {
        const lease = this.leases.get(command.resource);
        if (lease !== undefined && lease.name !== command.owner) return false;
        this.leases.set(command.resource, { name: command.owner, untilMs: nowMs + command.ttlMs });
        return true;
      }
      case 'lease.renew': {
        const lease = this.leases.get(command.resource);
        if (lease?.name !== command.owner) return false;
        lease.untilMs = nowMs + command.ttlMs;
        return true;
      }
      case 'lease.release':
        return (
          this.leases.get(command.resource)?.name === command.owner && this.leases.delete(command.resource)
        );
      case 'campaign':
      case 'resign':
        return this.stand(command, nowMs);
      case 'put':
        return this.opens(command.fence?.resource ?? '');
      default:
        return false;
    }
  }

  hear(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'key') continue;
      const [name, owner] =
        change.kind === 'lease' ? [change.resource, change.owner] : [change.election, change.leader];
      const token = change.fencingToken ?? this.told.get(name)?.token ?? 0;
      this.told.set(name, { owner, token });
    }
  }

  private stand(command: Command & { type: 'campaign' | 'resign' }, nowMs: number): boolean {
    const all = this.candidates.get(command.election) ?? [];
    const own = all.find(({ name }) => name === command.candidate);
    const others = all.filter((each) => each !== own);
    if (command.type === 'resign') this.candidates.set(command.election, others);
    else if (own !== undefined) own.untilMs = nowMs + command.ttlMs;
    else
      this.candidates.set(command.election, [
        ...all,
        { name: command.candidate, untilMs: nowMs + command.ttlMs },
      ]);
    return command.type === 'campaign' || own !== undefined;
  }

  /** Whether the last token that was given still counts. */
  private opens(name: string): boolean {
    const owner = this.told.get(name)?.owner;
    if (owner === undefined || owner === null) return false;
    const holdings = [this.leases.get(name), ...(this.candidates.get(name) ?? [])];
    return holdings.some((holding) => holding?.name === owner);
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const ttlMs = fc.integer({ min: 1, max: 100 });
const resource = fc.constantFrom(...resources);
const election = fc.constantFrom(...offices);
/** With the last token that was given; which one that is turns out when it is applied. */
const fenced = fc.constantFrom(...resources, ...offices).map((each): Command => ({
  type: 'put',
  key: 'k',
  value: 1,
  fence: { resource: each, token: 0 },
}));
const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('lease.acquire' as const), resource, owner: name, ttlMs }),
  fc.record({ type: fc.constant('lease.renew' as const), resource, owner: name, ttlMs }),
  fc.record({ type: fc.constant('lease.release' as const), resource, owner: name }),
  fc.record({ type: fc.constant('campaign' as const), election, candidate: name, ttlMs }),
  fc.record({ type: fc.constant('campaign' as const), election, candidate: name, ttlMs }),
  fc.record({ type: fc.constant('resign' as const), election, candidate: name }),
  fenced,
);
const logArbitrary = fc.array(fc.tuple(fc.nat({ max: 40 }), commandArbitrary), { maxLength: 80 });
type Waited = readonly [waitMs: number, command: Command];

/** The commands of a log, each with its place and its time. */
function* inTime(log: readonly Waited[]) {
  let nowMs = 0;
  for (const [at, [waitMs, command]] of log.entries()) {
    nowMs += waitMs;
    yield { index: at + 1, nowMs, command };
  }
}

/** Plenty; and so few that most of what is over is not cleared yet. */
const limitsArbitrary = fc.constantFrom(
  {},
  { expiriesPerCommandMax: 1, expiriesPerExpireMax: 2 },
  { expiriesPerCommandMax: 0, expiriesPerExpireMax: 1 },
);

function withToken(command: Command, { told }: Model): Command {
  if (command.type !== 'put' || command.fence === undefined) return command;
  const { resource: guarded } = command.fence;
  return { ...command, fence: { resource: guarded, token: told.get(guarded)?.token ?? 1 } };
}

function compareLeases(state: ReplicatedState, model: Model, nowMs: number): void {
  for (const each of resources) {
    const lease = model.leases.get(each);
    expect(state.lease(each)).toMatchObject({
      owner: lease?.name ?? null,
      expiresInMs: lease === undefined ? null : lease.untilMs - nowMs,
    });
  }
}

/** @param settled elections that no holder whose time is over is in the way of */
function compareElections(state: ReplicatedState, model: Model, settled: readonly string[]): void {
  for (const each of offices) {
    const { leader, waiting, expiresInMs, fencingToken } = state.election(each);
    const alive = (model.candidates.get(each) ?? []).map((holding) => holding.name);
    expect(leader === null ? waiting : [leader, ...waiting]).toEqual(alive);
    expect([expiresInMs === null, fencingToken === null]).toEqual([leader === null, leader === null]);
    if (settled.includes(each)) expect(leader).toBe(alive[0] ?? null);
  }
}

function compareNextExpiry(state: ReplicatedState, model: Model, nowMs: number): void {
  const ends = [...model.leases.values(), ...[...model.candidates.values()].flat()];
  const nextMs = ends.length === 0 ? null : Math.min(...ends.map(({ untilMs }) => untilMs));
  const { nextExpiryMs } = state;
  if (nextExpiryMs === null || nextExpiryMs > nowMs) expect(nextExpiryMs).toBe(nextMs);
}

describe('leases and elections', () => {
  it('agree with lists that are searched, however late what is over is cleared', () => {
    fc.assert(
      fc.property(limitsArbitrary, logArbitrary, (limits, log) => {
        const state = new ReplicatedState(limits);
        const model = new Model();
        for (const { index, nowMs, command: drawn } of inTime(log)) {
          model.at(nowMs);
          const command = withToken(drawn, model);
          const isDone = model.apply(command, nowMs);
          const { outcome, changes } = state.apply({ index, term: 1 }, { atMs: nowMs, command });
          expect(outcome.kind).toBe(isDone ? 'done' : 'refused');
          model.hear(changes);
          compareLeases(state, model, nowMs);
          compareElections(state, model, 'election' in command ? [command.election] : []);
          compareNextExpiry(state, model, nowMs);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('are cleared by as many entries as it takes, and told in the end', () => {
    fc.assert(
      fc.property(limitsArbitrary, logArbitrary, (limits, log) => {
        const state = new ReplicatedState(limits);
        const model = new Model();
        for (const { index, nowMs, command } of inTime(log)) {
          model.at(nowMs);
          model.apply(command, nowMs);
          model.hear(state.apply({ index, term: 1 }, { atMs: nowMs, command }).changes);
        }
        const nowMs = state.clockMs;
        let clears = 0;
        for (; state.nextExpiryMs !== null && state.nextExpiryMs <= nowMs; clears++) {
          const position = { index: state.appliedIndex + 1, term: 1 };
          model.hear(state.apply(position, { atMs: nowMs, command: { type: 'expire' } }).changes);
        }
        expect(clears).toBeLessThanOrEqual(resources.length + 4 * offices.length);
        compareElections(state, model, offices);
        for (const each of resources)
          expect(model.told.get(each)?.owner ?? null).toBe(state.lease(each).owner);
        for (const each of offices)
          expect(model.told.get(each)?.owner ?? null).toBe(state.election(each).leader);
      }),
      { numRuns: 300 },
    );
  });

  it('never end before their time, and always by it', () => {
    fc.assert(
      fc.property(limitsArbitrary, logArbitrary, (limits, log) => {
        const state = new ReplicatedState(limits);
        const untilMs = new Map<string, number>();
        for (const { index, nowMs, command } of inTime(log)) {
          const { outcome, changes } = state.apply({ index, term: 1 }, { atMs: nowMs, command });
          for (const change of changes) {
            if (change.kind !== 'lease' || change.owner !== null || command.type === 'lease.release')
              continue;
            expect(nowMs).toBeGreaterThanOrEqual(untilMs.get(change.resource) ?? 0);
          }
          if (outcome.kind === 'done' && (command.type === 'lease.acquire' || command.type === 'lease.renew'))
            untilMs.set(command.resource, nowMs + command.ttlMs);
          for (const [each, endMs] of untilMs) if (nowMs >= endMs) expect(state.lease(each).owner).toBeNull();
        }
      }),
    );
  });
});
