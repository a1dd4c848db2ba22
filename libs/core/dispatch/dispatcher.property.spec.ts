import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Dispatcher, type DispatchEffect, type Outcome, type SendEffect } from './index.js';

/** What may happen next; numbers choose among what there is. */
type Event =
  | { kind: 'answer' | 'refuse' | 'crash' | 'undeliverable'; pick: number; keep: boolean }
  | { kind: 'gone' | 'left' | 'join'; pick: number }
  | { kind: 'expire' | 'give_up' };

const pick = fc.nat({ max: 1_000 });
const answering = (kind: 'answer' | 'refuse' | 'crash' | 'undeliverable') =>
  fc.record({ kind: fc.constant(kind), pick, keep: fc.boolean() });
const eventArbitrary: fc.Arbitrary<Event> = fc.oneof(
  { arbitrary: answering('answer'), weight: 6 },
  { arbitrary: answering('refuse'), weight: 4 },
  { arbitrary: answering('crash'), weight: 1 },
  { arbitrary: answering('undeliverable'), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('gone' as const), pick }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('left' as const), pick }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('join' as const), pick }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('give_up' as const) }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('expire' as const) }), weight: 1 },
);

const attemptsMax = 3;
const outcomes: Record<'answer' | 'refuse' | 'crash', Outcome> = {
  answer: { ok: true, data: null },
  refuse: { ok: false, error: { code: 'overloaded', message: 'busy' } },
  crash: { ok: false, error: { code: 'internal', message: 'bug' } },
};

/** Carries out a dispatcher's effects on a fleet of paper, and checks each against the rules. */
class Fleet {
  readonly settled = new Map<number, number>();
  readonly sent: SendEffect[] = [];
  doneCount = 0;
  private readonly attempts = new Map<number, number>();
  /** Dispatches that the agent may be working on: not answered, the agent not reported gone. */
  private readonly inFlight = new Map<number, SendEffect>();
  /** Sends that there had been when an agent last joined. */
  private readonly sentAtJoin = new Map<string, number>();
  private readonly leavers = new Set<string>();

  constructor(
    readonly dispatcher: Dispatcher,
    private readonly windows: Map<string, number>,
  ) {}

  observe(effects: DispatchEffect[]): void {
    for (const effect of effects) {
      expect(this.doneCount === 0 || effect.kind === 'late').toBe(true);
      if (effect.kind === 'send') this.observeSend(effect);
      if (effect.kind === 'done') this.doneCount++;
      if (effect.kind !== 'settled') continue;
      this.settled.set(effect.workIndex, (this.settled.get(effect.workIndex) ?? 0) + 1);
      expect(effect.attempts).toBe(this.attempts.get(effect.workIndex) ?? 0);
    }
    // Only after all effects of one input: an agent's window is freed by the same input that fills it again.
    for (const [agentId, window] of this.windows) {
      const load = [...this.inFlight.values()].filter((send) => send.agentId === agentId).length;
      expect(load).toBeLessThanOrEqual(window);
    }
  }

  apply(event: Event): void {
    if (!('pick' in event)) {
      const { dispatcher } = this;
      this.observe(event.kind === 'expire' ? dispatcher.expire() : dispatcher.giveUpOnHomeless());
      return;
    }
    if (!('keep' in event)) {
      this.applyMembership(event.kind, event.pick);
      return;
    }
    const send = this.sent[event.pick % Math.max(1, this.sent.length)];
    if (!send) return;
    const { dispatchId, workIndex } = send;
    const first = this.inFlight.delete(dispatchId);
    if (event.kind === 'undeliverable') {
      // The broker speaks once, and at once: never of an attempt that was answered or given up.
      if (!first) return;
      if (!this.settled.has(workIndex)) this.attempts.set(workIndex, send.attempt - 1);
      this.observe(this.dispatcher.undeliverable(dispatchId));
      return;
    }
    const outcome = outcomes[event.kind];
    this.observe(this.dispatcher.answered(dispatchId, outcome));
    const again = event.keep ? this.dispatcher.answered(dispatchId, outcome) : [];
    expect(again.every(({ kind }) => kind === 'late')).toBe(true);
  }

  private observeSend(send: SendEffect): void {
    expect(this.settled.has(send.workIndex)).toBe(false);
    expect(send.dispatchId).toBe(this.sent.length + 1); // new each time
    expect(send.attempt).toBe((this.attempts.get(send.workIndex) ?? 0) + 1);
    expect(send.attempt).toBeLessThanOrEqual(attemptsMax);
    expect(this.windows.has(send.agentId)).toBe(true);
    const twice = [...this.inFlight.values()].some(({ workIndex }) => workIndex === send.workIndex);
    expect(twice).toBe(false);
    // A further life of an agent is another agent.
    const thisLife = this.sent.slice(this.sentAtJoin.get(send.agentId) ?? 0);
    const before = thisLife.filter(({ workIndex }) => workIndex === send.workIndex);
    expect(before.map(({ agentId }) => agentId)).not.toContain(send.agentId);
    expect(this.leavers.has(send.agentId)).toBe(false);
    this.attempts.set(send.workIndex, send.attempt);
    this.sent.push(send);
    this.inFlight.set(send.dispatchId, send);
  }

  private applyMembership(kind: 'gone' | 'left' | 'join', choice: number): void {
    const agentId = `agent-${choice % 6}`;
    if (kind === 'join') {
      this.windows.set(agentId, this.windows.get(agentId) ?? 1 + (choice % 3));
      const window = this.windows.get(agentId)!;
      this.sentAtJoin.set(agentId, this.sent.length);
      this.leavers.delete(agentId);
      this.observe(this.dispatcher.agentJoined({ agentId, window }));
      return;
    }
    if (kind === 'left') {
      // What it has under way it finishes: nobody else may be given that.
      this.leavers.add(agentId);
      this.observe(this.dispatcher.agentLeft(agentId));
      return;
    }
    for (const [id, send] of this.inFlight) if (send.agentId === agentId) this.inFlight.delete(id);
    this.observe(this.dispatcher.agentGone(agentId));
  }
}

const scenario = fc.record({
  assignments: fc.array(
    fc.nat({ max: 5 }).map((agent) => `agent-${agent}`),
    { maxLength: 15 },
  ),
  windows: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }),
  events: fc.array(eventArbitrary, { maxLength: 60 }),
  budget: fc.nat({ max: 5 }),
});

function fleetOf({
  assignments,
  windows,
  budget,
}: {
  assignments: string[];
  windows: number[];
  budget: number;
}) {
  let left = budget;
  const agents = windows.map((window, index) => ({ agentId: `agent-${index}`, window }));
  const retryBudget = { take: () => left-- > 0 };
  const dispatcher = new Dispatcher({ assignments, agents, attemptsMax, retryBudget });
  return new Fleet(dispatcher, new Map(agents.map(({ agentId, window }) => [agentId, window])));
}

function everyUnitOnce(fleet: Fleet, units: number): void {
  expect([...fleet.settled.values()].every((times) => times === 1)).toBe(true);
  expect({ settled: fleet.settled.size, done: fleet.doneCount, pending: fleet.dispatcher.pending }).toEqual({
    settled: units,
    done: 1,
    pending: 0,
  });
}

describe('Dispatcher, under any schedule', () => {
  it('settles every unit exactly once when all that is in flight is answered in the end', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const fleet = fleetOf(input);
        fleet.observe(fleet.dispatcher.start());
        for (const event of input.events) fleet.apply(event);
        // Terminates: there are no more sends than units times attempts, and answering them all finishes the work.
        for (let next = 0; next < fleet.sent.length; next++) {
          fleet.apply({ kind: 'answer', pick: next, keep: false });
        }
        fleet.apply({ kind: 'give_up' });
        everyUnitOnce(fleet, input.assignments.length);
      }),
      { numRuns: 300 },
    );
  });

  it('settles every unit exactly once at the deadline, whoever is silent', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const fleet = fleetOf(input);
        fleet.observe(fleet.dispatcher.start());
        for (const event of input.events) fleet.apply(event);
        fleet.apply({ kind: 'expire' });
        everyUnitOnce(fleet, input.assignments.length);
        for (const event of input.events) fleet.apply(event);
        everyUnitOnce(fleet, input.assignments.length);
      }),
      { numRuns: 200 },
    );
  });

  it('tells the same story twice when the same things happen', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const [one, other] = [fleetOf(input), fleetOf(input)].map((fleet) => {
          fleet.observe(fleet.dispatcher.start());
          for (const event of input.events) fleet.apply(event);
          return fleet.sent;
        });
        expect(one).toEqual(other);
      }),
    );
  });
});
