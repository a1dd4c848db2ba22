import { describe, expect, it } from '@jest/globals';
import { Dispatcher, type DispatchEffect, type DispatcherOptions, type SendEffect } from './index.js';

const endless = { take: () => true };
const none = { take: () => false };
const done = { ok: true, data: 'result' } as const;
const refused = { ok: false, error: { code: 'overloaded', message: 'busy' } } as const;
const crashed = { ok: false, error: { code: 'internal', message: 'bug' } } as const;

function dispatcherOf(assignments: string[], options: Partial<DispatcherOptions> = {}): Dispatcher {
  const agents = ['a', 'b', 'c'].map((agentId) => ({ agentId, window: 1 }));
  return new Dispatcher({ assignments, agents, retryBudget: endless, ...options });
}

function sends(effects: DispatchEffect[]): SendEffect[] {
  return effects.filter((effect) => effect.kind === 'send');
}

function sendAt(effects: DispatchEffect[], index: number): SendEffect {
  const send = sends(effects)[index];
  if (!send) throw new Error(`no send number ${index}`);
  return send;
}

describe('Dispatcher', () => {
  it('sends each unit to its agent and settles it with the answer', () => {
    const dispatcher = dispatcherOf(['b']);
    const started = dispatcher.start();
    expect(started).toEqual([{ kind: 'send', dispatchId: 1, workIndex: 0, agentId: 'b', attempt: 1 }]);
    expect(dispatcher.answered(1, done)).toEqual([
      { kind: 'settled', workIndex: 0, agentId: 'b', attempts: 1, ok: true, data: 'result' },
      { kind: 'done' },
    ]);
  });

  it('is done at once when there is nothing to do', () => {
    expect(dispatcherOf([]).start()).toEqual([{ kind: 'done' }]);
  });

  it('holds back what the window does not let through', () => {
    const dispatcher = dispatcherOf(['a', 'a', 'a'], { agents: [{ agentId: 'a', window: 2 }] });
    expect(sends(dispatcher.start())).toHaveLength(2);
    expect(sends(dispatcher.answered(1, done))).toMatchObject([{ workIndex: 2, agentId: 'a' }]);
  });

  it('asks the least loaded other agent after a refusal', () => {
    const dispatcher = dispatcherOf(['a', 'b', 'b']);
    const started = dispatcher.start();
    const effects = dispatcher.answered(sendAt(started, 0).dispatchId, refused);
    expect(effects).toMatchObject([{ kind: 'send', workIndex: 0, agentId: 'c', attempt: 2 }]);
  });

  it('goes round among equally loaded agents', () => {
    const agents = ['a', 'b', 'c', 'd'].map((agentId) => ({ agentId, window: 9 }));
    const dispatcher = dispatcherOf(['a', 'a', 'a'], { agents });
    dispatcher.start();
    expect(sends(dispatcher.agentGone('a')).map(({ agentId }) => agentId)).toEqual(['b', 'c', 'd']);
  });

  it('lets a refusal stand when the budget is spent', () => {
    const dispatcher = dispatcherOf(['a'], { retryBudget: none });
    dispatcher.start();
    expect(dispatcher.answered(1, refused)).toMatchObject([
      { ok: false, error: refused.error },
      { kind: 'done' },
    ]);
  });

  it('lets a refusal stand when the attempts are spent', () => {
    const dispatcher = dispatcherOf(['a'], { attemptsMax: 1 });
    dispatcher.start();
    expect(dispatcher.answered(1, refused)).toMatchObject([
      { error: refused.error, attempts: 1 },
      { kind: 'done' },
    ]);
  });

  it('never retries a failure that may have had an effect', () => {
    const dispatcher = dispatcherOf(['a']);
    dispatcher.start();
    expect(dispatcher.answered(1, crashed)).toMatchObject([
      { ok: false, error: crashed.error },
      { kind: 'done' },
    ]);
  });

  it('reassigns the work of an agent that left, without budget', () => {
    const dispatcher = dispatcherOf(['a', 'a'], { retryBudget: none });
    dispatcher.start();
    expect(dispatcher.agentGone('a')).toMatchObject([
      { kind: 'send', workIndex: 0, agentId: 'b', attempt: 2 }, // was in flight
      { kind: 'send', workIndex: 1, agentId: 'c', attempt: 1 }, // was queued, never sent
    ]);
  });

  it('gives up on a unit whose agents keep leaving', () => {
    const dispatcher = dispatcherOf(['a'], { attemptsMax: 2 });
    dispatcher.start();
    dispatcher.agentGone('a');
    expect(dispatcher.agentGone('b')).toMatchObject([
      { kind: 'settled', agentId: 'b', attempts: 2, ok: false, error: { code: 'unavailable' } },
      { kind: 'done' },
    ]);
  });

  it('passes a refusal on when no other agent is there', () => {
    const dispatcher = dispatcherOf(['a'], { agents: [{ agentId: 'a', window: 1 }] });
    dispatcher.start();
    expect(dispatcher.answered(1, refused)).toMatchObject([
      { error: { code: 'overloaded' } },
      { kind: 'done' },
    ]);
  });

  it('keeps work for an agent that comes back when nobody else is there', () => {
    const dispatcher = dispatcherOf(['a', 'a'], { agents: [{ agentId: 'a', window: 1 }] });
    dispatcher.start();
    expect(dispatcher.agentGone('a')).toEqual([]);
    expect(dispatcher.homelessCount).toBe(2);
    expect(dispatcher.agentJoined({ agentId: 'a', window: 2 })).toMatchObject([
      { kind: 'send', workIndex: 0, agentId: 'a', attempt: 2 },
      { kind: 'send', workIndex: 1, agentId: 'a', attempt: 1 },
    ]);
  });

  it('fails what waits for an agent when no agent is expected any more', () => {
    const dispatcher = dispatcherOf(['a'], { agents: [{ agentId: 'a', window: 1 }] });
    dispatcher.start();
    dispatcher.agentGone('a');
    expect(dispatcher.giveUpOnHomeless()).toMatchObject([
      { kind: 'settled', ok: false, error: { code: 'unavailable' } },
      { kind: 'done' },
    ]);
  });

  it('leaves an agent that says goodbye what it has under way, and moves the rest', () => {
    const dispatcher = dispatcherOf(['a', 'a'], {
      agents: [
        { agentId: 'a', window: 1 },
        { agentId: 'b', window: 1 },
      ],
    });
    dispatcher.start();
    expect(dispatcher.agentLeft('a')).toMatchObject([
      { kind: 'send', workIndex: 1, agentId: 'b', attempt: 1 },
    ]);
    expect(dispatcher.answered(1, done)).toMatchObject([
      { kind: 'settled', workIndex: 0, agentId: 'a', attempts: 1 },
    ]);
  });

  it('takes an agent that is not in the set for gone', () => {
    const dispatcher = dispatcherOf(['left-before']);
    expect(dispatcher.start()).toMatchObject([{ kind: 'send', agentId: 'a', attempt: 1 }]);
  });

  it('does not count an undeliverable unit as an attempt, and moves what was queued behind it', () => {
    const dispatcher = dispatcherOf(['a', 'a'], { attemptsMax: 1 });
    dispatcher.start();
    expect(dispatcher.undeliverable(1)).toMatchObject([
      { kind: 'send', workIndex: 0, agentId: 'b', attempt: 1 },
      { kind: 'send', workIndex: 1, agentId: 'c', attempt: 1 },
    ]);
  });

  it('still takes the answers of an agent that stopped listening', () => {
    const agents = [{ agentId: 'a', window: 2 }];
    const dispatcher = dispatcherOf(['a', 'a'], { agents });
    dispatcher.start();
    dispatcher.undeliverable(2);
    expect(dispatcher.answered(1, done)).toMatchObject([{ kind: 'settled', workIndex: 0, ok: true }]);
  });

  it('takes the answer of an agent that was thought gone when it is the first', () => {
    const dispatcher = dispatcherOf(['a']);
    dispatcher.start();
    const [retry] = sends(dispatcher.agentGone('a'));
    expect(dispatcher.answered(1, done)).toMatchObject([
      { kind: 'settled', agentId: 'a', ok: true },
      { kind: 'done' },
    ]);
    expect(dispatcher.answered(retry?.dispatchId ?? 0, done)).toEqual([{ kind: 'late', dispatchId: 2 }]);
  });

  it('withdraws a queued retry when the first attempt is answered after all', () => {
    const agents = ['a', 'b'].map((agentId) => ({ agentId, window: 1 }));
    const dispatcher = dispatcherOf(['a', 'b'], { agents });
    dispatcher.start();
    expect(dispatcher.agentGone('a')).toEqual([]); // queued behind b's own unit
    expect(dispatcher.answered(1, done)).toMatchObject([{ kind: 'settled', workIndex: 0, agentId: 'a' }]);
    expect(dispatcher.answered(2, done)).toMatchObject([{ kind: 'settled', workIndex: 1 }, { kind: 'done' }]);
  });

  it('no longer counts a withdrawn retry as load', () => {
    const agents = ['a', 'b', 'c', 'd'].map((agentId) => ({ agentId, window: 1 }));
    const dispatcher = dispatcherOf(['a', 'b', 'c', 'c', 'd', 'd'], { agents });
    const started = dispatcher.start();
    dispatcher.agentGone('a'); // its unit waits at b
    dispatcher.answered(1, done); // and is withdrawn: b has one unit, d two
    const atC = sends(started).find(({ agentId }) => agentId === 'c');
    dispatcher.answered(atC?.dispatchId ?? 0, refused);
    const atB = sends(started).find(({ agentId }) => agentId === 'b');
    expect(dispatcher.answered(atB?.dispatchId ?? 0, done)).toContainEqual(
      expect.objectContaining({ kind: 'send', workIndex: 2, agentId: 'b' }),
    );
  });

  it('gives an agent that came back its whole window, also for what its earlier life failed', () => {
    const agents = [{ agentId: 'a', window: 1 }];
    const dispatcher = dispatcherOf(['a', 'b'], { agents: [...agents, { agentId: 'b', window: 1 }] });
    dispatcher.start();
    dispatcher.undeliverable(1); // waits at b
    dispatcher.agentJoined({ agentId: 'a', window: 1 });
    expect(dispatcher.agentGone('b')).toMatchObject([
      { kind: 'send', workIndex: 1, agentId: 'a', attempt: 2 },
    ]);
    const [sent] = sends(dispatcher.answered(3, done));
    expect(sent).toMatchObject({ workIndex: 0, agentId: 'a', attempt: 1 });
  });

  it('may give the new life of an agent what its earlier life refuses after all', () => {
    const dispatcher = dispatcherOf(['a'], { agents: [{ agentId: 'a', window: 1 }] });
    dispatcher.start();
    dispatcher.agentLeft('a'); // and goes on with what it has
    dispatcher.agentJoined({ agentId: 'a', window: 1 });
    expect(dispatcher.answered(1, refused)).toMatchObject([{ kind: 'send', agentId: 'a', attempt: 2 }]);
    expect(dispatcher.answered(2, refused)).toMatchObject([
      { kind: 'settled', ok: false, attempts: 2 },
      { kind: 'done' },
    ]);
  });

  it('forgets what was in flight at an agent that left when it comes back', () => {
    const dispatcher = dispatcherOf(['a', 'b'], {
      agents: [
        { agentId: 'a', window: 1 },
        { agentId: 'b', window: 1 },
      ],
    });
    dispatcher.start();
    dispatcher.agentGone('a'); // its unit waits at b
    dispatcher.agentJoined({ agentId: 'a', window: 1 });
    expect(sends(dispatcher.answered(2, refused))).toMatchObject([
      { workIndex: 1, agentId: 'a' },
      { workIndex: 0, agentId: 'b' },
    ]);
  });

  it('sends the next unit when a dispatch that nobody waits for is lost', () => {
    const dispatcher = dispatcherOf(['a', 'b', 'c', 'c'], {
      agents: [
        { agentId: 'a', window: 1 },
        { agentId: 'b', window: 1 },
        { agentId: 'c', window: 2 },
      ],
    });
    dispatcher.start();
    dispatcher.agentGone('a'); // its unit waits at b, the least loaded
    dispatcher.agentGone('c'); // and so do these, behind it
    const again = sendAt(dispatcher.answered(2, done), 0);
    expect(again).toMatchObject({ workIndex: 0, agentId: 'b', attempt: 2 });
    dispatcher.answered(1, done); // a was alive after all
    expect(dispatcher.lost(again.dispatchId)).toMatchObject([{ kind: 'send', workIndex: 2, agentId: 'b' }]);
  });

  it('reports the failure of a superseded attempt as late, and goes on waiting for the other', () => {
    const dispatcher = dispatcherOf(['a']);
    dispatcher.start();
    dispatcher.agentGone('a');
    expect(dispatcher.answered(1, crashed)).toEqual([{ kind: 'late', dispatchId: 1 }]);
    expect(dispatcher.pending).toBe(1);
  });

  it('reports an unknown dispatch as late', () => {
    expect(dispatcherOf(['a']).answered(7, done)).toEqual([{ kind: 'late', dispatchId: 7 }]);
  });

  it('gives work to an agent that joined', () => {
    const dispatcher = dispatcherOf(['a'], { agents: [{ agentId: 'a', window: 1 }] });
    dispatcher.start();
    expect(dispatcher.agentJoined({ agentId: 'z', window: 1 })).toEqual([]);
    expect(dispatcher.agentGone('a')).toMatchObject([{ kind: 'send', agentId: 'z', attempt: 2 }]);
  });

  it('fails at the deadline what is not done, sent or not', () => {
    const dispatcher = dispatcherOf(['a', 'a', 'b']);
    dispatcher.start();
    dispatcher.answered(2, done);
    expect(dispatcher.expire()).toMatchObject([
      { workIndex: 0, attempts: 1, error: { code: 'deadline_exceeded' } },
      { workIndex: 1, attempts: 0, error: { code: 'deadline_exceeded' } },
      { kind: 'done' },
    ]);
    expect(dispatcher.expire()).toEqual([]);
    expect(dispatcher.answered(1, done)).toEqual([{ kind: 'late', dispatchId: 1 }]);
  });

  it('does the largest request with every agent lost midway', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `agent-${index}`);
    const dispatcher = new Dispatcher({
      assignments: Array.from({ length: 10_000 }, (_, index) => ids[index % ids.length]!),
      agents: ids.map((agentId) => ({ agentId, window: 4 })),
      retryBudget: endless,
    });
    const open = sends(dispatcher.start());
    for (const agentId of ids.slice(0, 999)) open.push(...sends(dispatcher.agentGone(agentId)));
    let finished = false;
    for (const { dispatchId } of open) {
      const effects = dispatcher.answered(dispatchId, done);
      open.push(...sends(effects));
      finished ||= effects.some(({ kind }) => kind === 'done');
    }
    expect({ finished, pending: dispatcher.pending }).toEqual({ finished: true, pending: 0 });
  });
});
