import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { type AlgorithmName } from '@nexus/core/balancing';
import fc from 'fast-check';
import { FleetLoads } from '../fleet/fleet-loads.js';
import { HandRoutes } from '../testdata/hand-routes.js';
import { Chooser } from './chooser.js';
import { type Sending, type Settled } from './task.js';
import { type Life, type TaskOwner, TaskRun } from './task-run.js';
import { WaitingLine } from './waiting-line.js';

const window = 2;

const happenings = [
  ...(['answer', 'refuse', 'fail', 'undeliverable', 'lost', 'gone', 'join', 'cut', 'mend', 'again'] as const),
];
type Happening = (typeof happenings)[number];

/** Work on agents that do what the test says. */
class Scene implements TaskOwner {
  readonly routes: HandRoutes;
  readonly loads: FleetLoads;
  readonly run: TaskRun;
  readonly sent: Sending[] = [];
  readonly settled: Settled[] = [];
  readonly homeless: boolean[] = [];
  done = 0;
  connected = true;
  retriesLeft = 100;
  nowMs = 0;
  private readonly chooser: Chooser;
  private readonly line = new WaitingLine();

  constructor(
    tasks: number,
    agentIds: readonly string[],
    private readonly algorithm: AlgorithmName = 'round_robin',
    attemptsMax?: number,
  ) {
    const now = () => this.nowMs;
    this.routes = new HandRoutes(agentIds);
    this.loads = new FleetLoads({ routes: this.routes, agentWindow: window, now });
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    this.chooser = new Chooser({ loads: this.loads, now, random, roundRobinShare: 0 });
    const selection = this.loads.select({ kind: 'group', group: 'g' });
    this.loads.onArrival(() => this.line.roomMade());
    this.run = new TaskRun({
      ...{ tasks, loads: this.loads, selection, line: this.line, now, owner: this },
      ...(attemptsMax !== undefined && { attemptsMax }),
    });
    this.run.pump();
  }

  choose(index: number, failedBy: readonly Life[]): number {
    const selection = this.loads.select({ kind: 'group', group: 'g' });
    return this.chooser.choose(selection, { algorithm: this.algorithm, number: index }, failedBy);
  }

  send(sending: Sending): void {
    if (!this.connected) throw new NexusError('unavailable', 'down');
    this.sent.push(sending);
  }

  mayRetry(): boolean {
    return this.retriesLeft-- > 0;
  }

  onSettled(settled: Settled): void {
    this.settled.push(settled);
  }

  onDone(): void {
    this.done += 1;
    this.line.stop();
  }

  onHomeless(isHomeless: boolean): void {
    this.homeless.push(isHomeless);
  }

  answer(dispatchId: number): 'counted' | 'late' {
    return this.run.answered(dispatchId, { kind: 'done', data: dispatchId });
  }

  refuse(dispatchId: number, code: 'overloaded' | 'internal' = 'overloaded'): 'counted' | 'late' {
    return this.run.answered(dispatchId, { kind: 'failed', code, message: code });
  }

  happen(what: Happening, dispatchId: number, agentId: string): void {
    const happenings: Record<Happening, () => unknown> = {
      answer: () => this.answer(dispatchId),
      refuse: () => this.refuse(dispatchId),
      fail: () => this.refuse(dispatchId, 'internal'),
      undeliverable: () => this.run.answered(dispatchId, { kind: 'undeliverable' }),
      lost: () => this.run.lost(dispatchId),
      gone: () => this.routes.table.get(agentId) && this.gone(agentId),
      join: () => this.routes.join(agentId),
      cut: () => (this.connected = false),
      mend: () => (this.connected = true),
      again: () => this.run.pump(),
    };
    happenings[what]();
  }

  gone(agentId: string): void {
    this.routes.remove(agentId, 'gone');
    this.run.agentLost(agentId);
  }
}

describe('TaskRun', () => {
  it('gives agents what they have room for, and the rest when they have again', () => {
    const scene = new Scene(6, ['a', 'b']);
    expect(scene.sent.map(({ agentId }) => agentId).sort()).toEqual(['a', 'a', 'b', 'b']);
    scene.answer(1);
    scene.answer(2);
    expect(scene.sent).toHaveLength(6);
    for (const dispatchId of [3, 4, 5, 6]) scene.answer(dispatchId);
    expect(scene.settled.every(({ outcome, attempts }) => outcome.ok && attempts === 1)).toBe(true);
    expect(scene.done).toBe(1);
  });

  it('sends what was refused to another, once more for each retry that is granted', () => {
    const scene = new Scene(1, ['a', 'b', 'c', 'd']);
    scene.refuse(1);
    scene.refuse(2);
    expect(new Set(scene.sent.map(({ agentId }) => agentId)).size).toBe(3);
    scene.refuse(3);
    expect(scene.settled).toMatchObject([
      { attempts: 3, outcome: { ok: false, error: { code: 'overloaded' } } },
    ]);
  });

  it('asks as many agents as it is told to', () => {
    const scene = new Scene(1, ['a', 'b', 'c', 'd'], 'round_robin', 2);
    scene.refuse(1);
    scene.refuse(2);
    expect(scene.settled).toMatchObject([{ attempts: 2, outcome: { ok: false } }]);
  });

  it('settles nothing that nobody wants any more, and blames no agent for it', () => {
    const scene = new Scene(6, ['a', 'b']);
    scene.run.abandon();
    expect(scene.settled).toEqual([]);
    expect(scene.done).toBe(1);
    expect(scene.loads.table.totalInFlight).toBe(0);
    expect(scene.loads.table.successShare(scene.loads.table.slotOf('a'), 0)).toBe(1);
    expect(scene.answer(1)).toBe('late');
    scene.run.pump();
    expect(scene.sent).toHaveLength(4);
  });

  it('lets a refusal stand without a retry in the budget, or without anybody else', () => {
    const poor = new Scene(1, ['a', 'b']);
    poor.retriesLeft = 0;
    poor.refuse(1);
    expect(poor.settled).toHaveLength(1);
    const alone = new Scene(1, ['a']);
    alone.refuse(1);
    expect(alone.settled).toHaveLength(1);
    expect(alone.retriesLeft).toBe(100);
  });

  it('says when the agent that refused wants to be asked again', () => {
    const alone = new Scene(1, ['a']);
    const refusal = { kind: 'failed', code: 'overloaded', message: 'full', retryAfterMs: 250 } as const;
    alone.run.answered(1, refusal);
    expect(alone.settled).toMatchObject([{ outcome: { error: { code: 'overloaded', retryAfterMs: 250 } } }]);
  });

  it('does not repeat what an agent tried and failed', () => {
    const scene = new Scene(1, ['a', 'b']);
    scene.refuse(1, 'internal');
    expect(scene.sent).toHaveLength(1);
    expect(scene.settled).toMatchObject([
      { agentId: 'a', outcome: { ok: false, error: { code: 'internal' } } },
    ]);
  });

  it('does not count an attempt that reached nobody, and forgets that agent', () => {
    const scene = new Scene(2, ['a', 'b']);
    const atA = scene.sent.find(({ agentId }) => agentId === 'a')!;
    scene.run.answered(atA.dispatchId, { kind: 'undeliverable' });
    expect(scene.sent.at(-1)).toMatchObject({ index: atA.index, agentId: 'b', attempt: 1 });
  });

  it('sends what reached nobody to the same agent when that is back', () => {
    const scene = new Scene(1, ['a']);
    scene.run.answered(1, { kind: 'undeliverable' });
    expect(scene.homeless).toEqual([true]);
    scene.routes.join('a');
    expect(scene.sent.at(-1)).toMatchObject({ index: 0, agentId: 'a', attempt: 1 });
    expect(scene.homeless).toEqual([true, false]);
  });

  it('takes the answer of an attempt that was given up, and counts the other one late', () => {
    const scene = new Scene(1, ['a', 'b']);
    scene.run.lost(1);
    expect(scene.sent).toHaveLength(2);
    expect(scene.answer(1)).toBe('counted');
    expect(scene.settled).toMatchObject([{ attempts: 2, outcome: { ok: true } }]);
    expect(scene.answer(2)).toBe('late');
    expect(scene.loads.table.totalInFlight).toBe(0);
  });

  it('waits for agents when there are none, and fails when it is told to', () => {
    const scene = new Scene(2, []);
    expect(scene.homeless).toEqual([true]);
    scene.routes.join('a');
    expect(scene.homeless).toEqual([true, false]);
    scene.answer(1);
    scene.gone('a');
    scene.run.giveUpWaiting();
    expect(scene.settled.map(({ outcome }) => outcome.ok)).toEqual([true, false]);
  });

  it('holds back what cannot be sent, and sends it once', () => {
    const scene = new Scene(3, ['a']);
    scene.connected = false;
    scene.answer(1);
    scene.run.pump();
    expect(scene.sent).toHaveLength(2);
    expect(scene.loads.table.totalInFlight).toBe(1);
    scene.connected = true;
    scene.run.pump();
    expect(scene.sent.map(({ index, attempt }) => [index, attempt])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it('holds nothing up for a task that waits for another agent than the one with room', () => {
    const scene = new Scene(7, ['a', 'b']);
    const [first, second] = scene.sent.filter(({ agentId }) => agentId === 'a');
    scene.run.lost(first!.dispatchId);
    scene.answer(second!.dispatchId);
    expect(scene.sent.slice(4).map(({ index, agentId }) => [index, agentId])).toEqual([
      [4, 'a'],
      [5, 'a'],
    ]);
    scene.answer(scene.sent.find(({ agentId }) => agentId === 'b')!.dispatchId);
    expect(scene.sent.at(-1)).toMatchObject({ index: first!.index, agentId: 'b', attempt: 2 });
  });

  it('waits for a busy agent when the only other one is there no more', () => {
    const scene = new Scene(4, ['a', 'b']);
    const atA = scene.sent.filter(({ agentId }) => agentId === 'a');
    for (const { dispatchId } of atA) scene.run.answered(dispatchId, { kind: 'undeliverable' });
    expect(scene.homeless).toEqual([]);
    scene.run.giveUpWaiting();
    expect(scene.settled).toEqual([]);
  });

  it('gives up those alone for whom nobody is left', () => {
    const scene = new Scene(7, ['a', 'b']);
    const atA = scene.sent.find(({ agentId }) => agentId === 'a')!;
    scene.run.lost(atA.dispatchId);
    scene.gone('b');
    expect(scene.homeless).toEqual([true]);
    scene.run.giveUpWaiting();
    expect(scene.settled).toMatchObject([{ index: atA.index, outcome: { error: { code: 'unavailable' } } }]);
    expect(scene.homeless).toEqual([true, false]);
    for (const { dispatchId } of scene.sent) scene.answer(dispatchId); // more are sent meanwhile
    expect(scene.settled.filter(({ outcome }) => outcome.ok)).toHaveLength(6);
  });

  it('sends a task once more, whatever the agent that lost it says while it waits', () => {
    const scene = new Scene(4, ['a', 'b']);
    const atA = scene.sent.find(({ agentId }) => agentId === 'a')!;
    scene.run.lost(atA.dispatchId);
    expect(scene.refuse(atA.dispatchId)).toBe('late');
    for (const { dispatchId } of scene.sent.filter(({ agentId }) => agentId === 'b'))
      scene.answer(dispatchId);
    expect(scene.sent.filter(({ index }) => index === atA.index)).toHaveLength(2);
  });

  it('settles each task once and leaves nothing in flight, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom(...happenings),
      pick: fc.nat({ max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom<AlgorithmName>('round_robin', 'least_connections', 'peak_ewma', 'power_of_two'),
        fc.array(step, { maxLength: 60 }),
        (tasks, agents, algorithm, steps) => {
          const names = ['a', 'b', 'c', 'd'];
          const scene = new Scene(tasks, names.slice(0, agents), algorithm);
          for (const { what, pick } of steps) {
            scene.nowMs += 7;
            const dispatchId = scene.sent[pick % Math.max(1, scene.sent.length)]?.dispatchId ?? 1;
            scene.happen(what, dispatchId, names[pick % names.length]!);
            for (const agentId of scene.loads.table.agentIds()) {
              expect(scene.loads.table.inFlight(scene.loads.table.slotOf(agentId))).toBeLessThanOrEqual(
                window,
              );
            }
          }
          scene.run.expire();
          expect(scene.settled.map(({ index }) => index).toSorted((one, other) => one - other)).toEqual(
            Array.from({ length: tasks }, (_, index) => index),
          );
          expect(scene.done).toBe(1);
          expect(scene.loads.table.totalInFlight).toBe(0);
          for (const { attempts } of scene.settled) expect(attempts).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 400 },
    );
  });
});
