import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Command, ReplicatedState } from './index.js';

interface Holding {
  readonly name: string;
  untilMs: number;
}

/** Leases and one office by the simplest means there are: lists that are searched. */
class Model {
  lease: Holding | undefined;
  candidates: Holding[] = [];

  at(nowMs: number): void {
    if (this.lease !== undefined && this.lease.untilMs <= nowMs) this.lease = undefined;
    this.candidates = this.candidates.filter(({ untilMs }) => untilMs > nowMs);
  }

  /** @returns whether it is done */
  apply(command: Command, nowMs: number): boolean {
    switch (command.type) {
      case 'lease.acquire':
        if (this.lease !== undefined && this.lease.name !== command.owner) return false;
        this.lease = { name: command.owner, untilMs: nowMs + command.ttlMs };
        return true;
      case 'lease.renew':
        if (this.lease?.name !== command.owner) return false;
        this.lease.untilMs = nowMs + command.ttlMs;
        return true;
      case 'lease.release':
        if (this.lease?.name !== command.owner) return false;
        this.lease = undefined;
        return true;
      case 'campaign': {
        const own = this.candidates.find(({ name }) => name === command.candidate);
        const untilMs = nowMs + command.ttlMs;
        if (own) own.untilMs = untilMs;
        else this.candidates.push({ name: command.candidate, untilMs });
        return true;
      }
      case 'resign': {
        const stood = this.candidates.length;
        this.candidates = this.candidates.filter(({ name }) => name !== command.candidate);
        return this.candidates.length < stood;
      }
      default:
        return false;
    }
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const ttlMs = fc.integer({ min: 1, max: 100 });
const resource = fc.constant('r');
const election = fc.constant('e');
const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('lease.acquire' as const), resource, owner: name, ttlMs }),
  fc.record({ type: fc.constant('lease.renew' as const), resource, owner: name, ttlMs }),
  fc.record({ type: fc.constant('lease.release' as const), resource, owner: name }),
  fc.record({ type: fc.constant('campaign' as const), election, candidate: name, ttlMs }),
  fc.record({ type: fc.constant('resign' as const), election, candidate: name }),
);
const logArbitrary = fc.array(fc.tuple(fc.nat({ max: 40 }), commandArbitrary), { maxLength: 80 });

describe('leases and elections', () => {
  it('agree with lists that are searched: who holds, until when, and who follows', () => {
    fc.assert(
      fc.property(logArbitrary, (log) => {
        const state = new ReplicatedState();
        const model = new Model();
        let nowMs = 0;
        for (const [at, [waitMs, command]] of log.entries()) {
          nowMs += waitMs;
          model.at(nowMs);
          const isDone = model.apply(command, nowMs);
          const { outcome } = state.apply({ index: at + 1, term: 1 }, { atMs: nowMs, command });
          expect(outcome.kind).toBe(isDone ? 'done' : 'refused');

          const { lease, candidates } = model;
          const [leader, ...waiting] = candidates;
          expect(state.lease('r')).toMatchObject({
            owner: lease?.name ?? null,
            expiresInMs: lease === undefined ? null : lease.untilMs - nowMs,
          });
          expect(state.election('e')).toMatchObject({
            leader: leader?.name ?? null,
            expiresInMs: leader === undefined ? null : leader.untilMs - nowMs,
            waiting: waiting.map((each) => each.name),
          });
          const ends = [lease, ...candidates].flatMap((holding) => holding?.untilMs ?? []);
          expect(state.nextExpiryMs).toBe(ends.length === 0 ? null : Math.min(...ends));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never end before their time, and always by it', () => {
    fc.assert(
      fc.property(logArbitrary, (log) => {
        const state = new ReplicatedState();
        let nowMs = 0;
        let untilMs = 0;
        for (const [at, [waitMs, command]] of log.entries()) {
          nowMs += waitMs;
          const { outcome, changes } = state.apply({ index: at + 1, term: 1 }, { atMs: nowMs, command });
          const ended = changes.some(
            ({ kind, ...rest }) => kind === 'lease' && 'owner' in rest && rest.owner === null,
          );
          if (ended && command.type !== 'lease.release') expect(nowMs).toBeGreaterThanOrEqual(untilMs);
          if (outcome.kind === 'done' && (command.type === 'lease.acquire' || command.type === 'lease.renew'))
            untilMs = nowMs + command.ttlMs;
          if (nowMs >= untilMs) expect(state.lease('r').owner).toBeNull();
        }
      }),
    );
  });
});
