import { beforeEach, describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { type Outcome } from '@nexus/core/replicated-state';
import { HandClock } from '../members/testdata/hand-clock.js';
import { type ReplicaWatcher } from '../replica/replica-watcher.js';
import { type Ended } from './errand.js';
import { doneOrThrow, faultOf } from './fault.js';
import { type ForwardHandlers } from './forward-line.js';
import { Gateway } from './gateway.js';
import { type AnswerWork, type Result, type Work } from './work.js';

const attemptMs = 1_000;
const [own, b, c] = ['a', 'b', 'c'] as ReplicaId[] as [ReplicaId, ReplicaId, ReplicaId];

const propose = { kind: 'propose', command: { type: 'decide', key: 'k', value: 1 } } as unknown as Work;
const read = { kind: 'read', query: { key: 'k' } } as const;
const remove: Work = { kind: 'members.remove', replicaId: b, withinMs: 9_000 };
const transfer: Work = { kind: 'transfer', to: b, withinMs: 5_000 };
const changing: readonly Work[] = [remove, transfer];

const done: Result = { kind: 'applied', outcome: { kind: 'done', index: 20, term: 2, version: 20 } };
const unknown: Result = { kind: 'unknown' };
const refused = (reason: Extract<Result, { kind: 'refused' }>['reason']): Result => ({
  kind: 'refused',
  reason,
});
const refusedByState = (code: 'session_unknown' | 'stale_repeat'): Extract<Result, { kind: 'applied' }> => ({
  kind: 'applied',
  outcome: { kind: 'refused', index: 9, term: 1, code, message: 'no' } satisfies Outcome,
});

interface Attempt {
  readonly to: ReplicaId;
  readonly work: Work;
  readonly answer: AnswerWork;
}

/** The surroundings of a gateway: who leads, and what arrives there. */
class Surroundings {
  readonly clock = new HandClock();
  readonly attempts: Attempt[] = [];
  readonly replica = { appliedIndex: 0 };
  leader: ReplicaId | null = b;
  /** What becomes of an attempt before it leaves. */
  notSent: Result | undefined;
  heard: ForwardHandlers | undefined;
  private readonly watchers: ReplicaWatcher[] = [];
  readonly gateway: Gateway;

  constructor() {
    const desk = {
      serve: (work: Work, answer: AnswerWork) => void this.attempts.push({ to: own, work, answer }),
    };
    const line = {
      listen: (handlers: ForwardHandlers) => void (this.heard = handlers),
      ask: (to: ReplicaId, id: number, work: Work) => {
        if (this.notSent === undefined) {
          this.attempts.push({ to, work, answer: (result) => this.heard?.answered(id, result) });
        }
        return this.notSent;
      },
      close: () => void (this.heard = undefined),
    };
    this.gateway = new Gateway({ host: this, desk, line, attemptMs, clock: this.clock });
  }

  get replicaId(): ReplicaId {
    return own;
  }

  watch(watcher: ReplicaWatcher): void {
    this.watchers.push(watcher);
  }

  follow(leader: ReplicaId | null): void {
    this.leader = leader;
    const standing = { role: 'follower', term: 1, leader: null } as const;
    const led = { ...standing, leader: `${leader}.1` } as never;
    for (const watcher of this.watchers) watcher.standing?.(led, standing);
  }

  /** The attempt with this number, counted from one. */
  attempt(number: number): Attempt {
    const attempt = this.attempts[number - 1];
    if (attempt === undefined) throw new Error(`there is no attempt ${number}`);
    return attempt;
  }
}

const sessionOf = ({ work }: Attempt) => (work.kind === 'propose' ? work.session : undefined);

let around: Surroundings;
beforeEach(() => {
  around = new Surroundings();
});

/** What work came to, as soon as it has. */
const run = (work: Work, timeoutMs = 10_000) => {
  const ends: Ended[] = [];
  const ended = around.gateway.run(work, timeoutMs);
  void ended.then((end) => ends.push(end));
  return { ends, ended };
};

describe('Gateway', () => {
  it('asks whoever leads, here or elsewhere', async () => {
    const there = run(propose);
    around.attempt(1).answer(done);
    expect(await there.ended).toEqual(done);
    around.follow(own);
    const here = run(propose);
    around.attempt(2).answer(done);
    expect(await here.ended).toEqual(done);
    expect(around.attempts.map(({ to }) => to)).toEqual([b, own]);
    expect(around.clock.running).toBe(0);
  });

  it('waits for a leader, and asks it at once', async () => {
    around.leader = null;
    const { ended } = run(propose);
    expect(around.attempts).toEqual([]);
    around.follow(c);
    around.attempt(1).answer(done);
    expect(await ended).toEqual(done);
  });

  it('tries again towards the next leader as the same client, so that it applies once', async () => {
    const { ended } = run(propose);
    around.follow(c);
    expect(around.attempts.map(({ to }) => to)).toEqual([b, c]);
    expect(sessionOf(around.attempt(2))).toEqual(sessionOf(around.attempt(1)));
    around.attempt(1).answer(unknown);
    around.attempt(2).answer(done);
    expect(await ended).toEqual(done);
  });

  it('asks again when the question or its answer was lost', async () => {
    const { ended } = run(propose);
    await around.clock.pass(attemptMs + 100);
    expect(around.attempts).toHaveLength(2);
    around.attempt(1).answer(done);
    expect(await ended).toEqual(done);
  });

  it('says that it is too large, unless an earlier attempt may be applied', async () => {
    around.notSent = refused('too_large');
    const large = run(propose);
    expect(await large.ended).toEqual(refused('too_large'));
    expect(faultOf(await large.ended, 'the proposal').code).toBe('payload_too_large');
    around.notSent = undefined;
    const { ended } = run(propose, 1_000);
    around.follow(c);
    around.attempt(2).answer(refused('too_large'));
    await around.clock.pass(1_000);
    expect(faultOf(await ended, 'the proposal').code).toBe('unknown');
  });
});

describe('Gateway, whose session was forgotten', () => {
  it('sends under a new one, whatever refused it before', async () => {
    const { ended } = run(propose);
    around.attempt(1).answer(refused('not_leader'));
    await around.clock.pass(50);
    around.attempt(2).answer(refusedByState('session_unknown'));
    await around.clock.pass(50);
    const [first, second] = [sessionOf(around.attempt(2)), sessionOf(around.attempt(3))];
    expect(second?.clientId).not.toBe(first?.clientId);
    expect(second?.openedAtIndex).toBe(9);
    around.attempt(3).answer(done);
    expect(await ended).toEqual(done);
  });

  it('tries as often as it is forgotten, and all that waited share the new session', async () => {
    const [one, two] = [run(propose), run(propose)];
    around.attempt(1).answer(refusedByState('session_unknown'));
    around.attempt(2).answer(refusedByState('session_unknown'));
    await around.clock.pass(50);
    const [third, fourth] = [sessionOf(around.attempt(3)), sessionOf(around.attempt(4))];
    expect(fourth?.clientId).toBe(third?.clientId);
    expect(fourth?.seq).not.toBe(third?.seq);
    around.attempt(3).answer(refusedByState('session_unknown'));
    around.attempt(4).answer(done);
    await around.clock.pass(50);
    around.attempt(5).answer(done);
    expect([await one.ended, await two.ended]).toEqual([done, done]);
  });

  it('says that nothing is known when an attempt under the old one may have been applied', async () => {
    const { ended } = run(propose);
    around.attempt(1).answer(unknown);
    await around.clock.pass(50);
    const forgotten = refusedByState('session_unknown');
    around.attempt(2).answer(forgotten);
    expect(await ended).toEqual(forgotten);
    expect(around.attempts).toHaveLength(2);
    expect(() => doneOrThrow(forgotten)).toThrow(expect.objectContaining({ code: 'unknown' }));
  });

  it('says that nothing is known of what was settled before', async () => {
    const { ended } = run(propose);
    const stale = refusedByState('stale_repeat');
    around.attempt(1).answer(stale);
    expect(await ended).toEqual(stale);
    expect(() => doneOrThrow(stale)).toThrow(expect.objectContaining({ code: 'unknown' }));
  });
});

describe('Gateway, when the time is up', () => {
  it('knows that nothing was begun where nothing was sent, or all was refused', async () => {
    around.leader = null;
    const unsent = run(propose, 500);
    await around.clock.pass(500);
    expect(await unsent.ended).toEqual({ kind: 'late', mayTakeEffect: false });
    around.follow(b);
    const { ended } = run(propose, 500);
    around.leader = null;
    around.attempt(1).answer(refused('not_leader'));
    await around.clock.pass(500);
    expect(faultOf(await ended, 'the proposal').code).toBe('unavailable');
  });

  it.each([
    ['the proposal', propose, 'unknown'],
    ['the transfer', transfer, 'unknown'],
    ['the change of members', remove, 'unknown'],
    ['the read', read, 'unavailable'],
  ] as const)('tells what %s came to that nobody answered', async (asked, work, code) => {
    const { ended } = run(work, 500);
    await around.clock.pass(500);
    expect(await ended).toEqual({ kind: 'late', mayTakeEffect: true });
    expect(faultOf(await ended, asked).code).toBe(code);
  });

  it('hears an answer that comes too late no more', async () => {
    const { ends } = run(propose, 500);
    await around.clock.pass(500);
    around.attempt(1).answer(done);
    await around.clock.pass(50);
    expect(ends).toEqual([{ kind: 'late', mayTakeEffect: true }]);
    expect(around.clock.running).toBe(0);
  });
});

describe.each(changing)('Gateway, with a $kind, which must not be done twice', (work) => {
  it('asks once, whoever leads next', async () => {
    run(work);
    around.follow(c);
    await around.clock.pass(2 * attemptMs);
    expect(around.attempts).toHaveLength(1);
  });

  it('says at once that nothing is known when nobody will know', async () => {
    const { ended } = run(work);
    around.attempt(1).answer(unknown);
    expect(await ended).toEqual(unknown);
    expect(faultOf(await ended, 'the change of members').code).toBe('unknown');
    around.follow(c);
    await around.clock.pass(50);
    expect(around.attempts).toHaveLength(1);
  });

  it('asks again where it was refused', async () => {
    const { ended } = run(work);
    around.attempt(1).answer(refused('change_pending'));
    await around.clock.pass(50);
    const conflict: Result = { kind: 'failed', code: 'conflict', message: 'no' };
    around.attempt(2).answer(conflict);
    expect(await ended).toEqual(conflict);
  });
});

describe('Gateway, once it is closed', () => {
  it('tells whoever waits what is known, and takes nothing more', async () => {
    const sent = run(propose);
    around.leader = null;
    const unsent = run(propose);
    around.gateway.close();
    expect(await sent.ended).toEqual({ kind: 'late', mayTakeEffect: true });
    expect(await unsent.ended).toEqual({ kind: 'late', mayTakeEffect: false });
    around.leader = b;
    const { ended } = run(propose);
    expect(await ended).toEqual(refused('stopped'));
    expect(around.attempts).toHaveLength(1);
    expect(around.clock.running).toBe(0);
    expect(around.heard).toBeUndefined();
  });
});
