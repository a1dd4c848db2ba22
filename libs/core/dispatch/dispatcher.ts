/*
 * Gets each unit of work done exactly once in the answer. Every agent has a lane: a queue, and a window of units in
 * flight. A unit leaves its lane when it is done, when the agent refuses it, or when the agent goes; then it moves to
 * the least loaded lane that has not failed it yet. See ALGORITHM.md.
 *
 * Each input returns the effects that the caller has to carry out, in order.
 */
import { assert } from '@nexus/core/invariant';
import type { DispatchEffect, Outcome, WorkError } from './effect.js';
import { Lane, type Dispatch } from './lane.js';
import { LeastLoaded } from './least-loaded.js';
import type { WorkUnit } from './work-unit.js';

/** An agent that can be given work. */
export interface AgentCapacity {
  agentId: string;
  /** Most units in flight at it, an integer ≥ 1; more wait here. */
  window: number;
}

/** What a retry after a refusal has to ask; `RetryBudget` is one. */
export interface RetryAllowance {
  /** Spends one retry; false when none is left. */
  take(): boolean;
}

export interface DispatcherOptions {
  /** The agent of each unit of work; one that is not among `agents` counts as gone. */
  assignments: readonly string[];
  /** The agents of the set, none twice. */
  agents: readonly AgentCapacity[];
  /** Most agents that one unit is sent to, an integer ≥ 1. Default 3. */
  attemptsMax?: number;
  retryBudget: RetryAllowance;
}

/** Failures that say that the work was not begun, so that another agent may be asked. */
const refusals: ReadonlySet<string> = new Set(['overloaded', 'unavailable']);

export class Dispatcher {
  private readonly lanes = new Map<string, Lane>();
  private readonly ranking = new LeastLoaded();
  private readonly units: readonly WorkUnit[];
  private readonly dispatches = new Map<number, Dispatch>();
  private readonly attemptsMax: number;
  private readonly retryBudget: RetryAllowance;
  /** Units that lost their agent while no other was there. */
  private readonly homeless = new Set<WorkUnit>();
  private effects: DispatchEffect[] = [];
  private started = false;
  private finished = false;
  private unsettled: number;
  private lastDispatchId = 0;
  private turns = 0;

  constructor({ assignments, agents, attemptsMax = 3, retryBudget }: DispatcherOptions) {
    assert(Number.isSafeInteger(attemptsMax) && attemptsMax >= 1, 'attemptsMax is an integer ≥ 1');
    this.attemptsMax = attemptsMax;
    this.retryBudget = retryBudget;
    for (const { agentId, window } of agents) {
      assert(!this.lanes.has(agentId), `agent ${agentId} is named twice`);
      this.open(agentId, window);
    }
    this.units = assignments.map((agentId, index) => ({
      index,
      attempts: 0,
      agentId,
      place: { kind: 'nowhere' },
      failedBy: new Set(),
    }));
    this.unsettled = this.units.length;
  }

  /** Units that are not settled yet. */
  get pending(): number {
    return this.unsettled;
  }

  /** Units that wait for an agent to join. */
  get homelessCount(): number {
    return this.homeless.size;
  }

  /** Queues every unit at its agent and sends what the windows let through. To be called once. */
  start(): DispatchEffect[] {
    assert(!this.started, 'a dispatcher starts once');
    this.started = true;
    const unassigned: WorkUnit[] = [];
    for (const unit of this.units) {
      if (unit.place.kind === 'settled') continue;
      const lane = this.lanes.get(unit.agentId);
      if (lane?.open) this.enqueue(lane, unit);
      else unassigned.push(unit);
    }
    for (const unit of unassigned) this.reassign(unit);
    for (const lane of this.lanes.values()) this.pump(lane);
    return this.flush();
  }

  /** An agent answered. The first answer wins, even that of an attempt that was given up. */
  answered(dispatchId: number, outcome: Outcome): DispatchEffect[] {
    const dispatch = this.dispatches.get(dispatchId);
    if (!dispatch) return this.late(dispatchId).flush();
    this.release(dispatch);
    const { unit, lane } = dispatch;
    const current = isCurrent(dispatch);
    if (unit.place.kind === 'settled' || (!current && !outcome.ok)) this.late(dispatchId);
    else if (outcome.ok) this.settle(unit, lane.agentId, outcome);
    else this.retryOrFail(dispatch, outcome.error);
    this.pump(lane);
    return this.flush();
  }

  /**
   * Nobody listened where the unit was sent: it never ran, and that does not count as an attempt. The agent gets
   * nothing more until it joins again; what is in flight there may still be answered, since an agent that shuts down
   * in order stops listening first.
   */
  undeliverable(dispatchId: number): DispatchEffect[] {
    const dispatch = this.dispatches.get(dispatchId);
    if (!dispatch) return [];
    const { unit, lane, life } = dispatch;
    const current = isCurrent(dispatch);
    this.release(dispatch);
    const waiting = this.close(lane);
    if (current) {
      unit.attempts--;
      unit.failedBy.add(life);
      this.reassign(unit);
    }
    for (const queued of waiting) this.reassign(queued);
    return this.flush();
  }

  /**
   * An agent says goodbye: it takes no more, and finishes what it has. What only waited for it moves; what is in flight
   * there is lost only when it is reported gone.
   */
  agentLeft(agentId: string): DispatchEffect[] {
    const lane = this.lanes.get(agentId);
    if (lane) for (const unit of this.close(lane)) this.reassign(unit);
    return this.flush();
  }

  /** An agent died. Its work in flight may have run, and goes elsewhere as a further attempt; the rest just moves. */
  agentGone(agentId: string): DispatchEffect[] {
    const lane = this.lanes.get(agentId);
    if (!lane) return [];
    const waiting = this.close(lane);
    for (const dispatch of [...lane.inFlight]) this.lose(dispatch);
    for (const unit of waiting) this.reassign(unit);
    return this.flush();
  }

  /** What an agent has in flight, to be handed to `lost` if it never comes. */
  inFlightAt(agentId: string): number[] {
    return [...(this.lanes.get(agentId)?.inFlight ?? [])].map(({ id }) => id);
  }

  /** One dispatch will not be answered, whatever else its agent does: its unit may have run, and goes elsewhere. */
  lost(dispatchId: number): DispatchEffect[] {
    const dispatch = this.dispatches.get(dispatchId);
    if (!dispatch) return [];
    this.lose(dispatch);
    this.pump(dispatch.lane);
    return this.flush();
  }

  /** An agent joined, or came back in a new life: it may be given work that others cannot keep. */
  agentJoined({ agentId, window }: AgentCapacity): DispatchEffect[] {
    this.pump(this.open(agentId, window));
    const homeless = [...this.homeless];
    this.homeless.clear();
    for (const unit of homeless) this.reassign(unit);
    return this.flush();
  }

  /** No agent is expected any more: what waits for one fails with `unavailable`. */
  giveUpOnHomeless(): DispatchEffect[] {
    for (const unit of this.homeless) {
      this.fail(unit, { code: 'unavailable', message: 'no agent is left to do the work' });
    }
    return this.flush();
  }

  /** The deadline: what is not done by now fails with `deadline_exceeded`. */
  expire(): DispatchEffect[] {
    for (const lane of this.lanes.values()) this.close(lane);
    for (const unit of this.units) {
      if (unit.place.kind === 'settled') continue;
      this.fail(unit, { code: 'deadline_exceeded', message: 'the deadline passed before the work was done' });
    }
    return this.flush();
  }

  private open(agentId: string, window: number): Lane {
    let lane = this.lanes.get(agentId);
    if (!lane) this.lanes.set(agentId, (lane = new Lane(agentId, { window, turn: this.turns++ })));
    else lane.reopen(window);
    if (lane.rank === -1) this.ranking.add(lane);
    return lane;
  }

  private close(lane: Lane): WorkUnit[] {
    this.ranking.remove(lane);
    return lane.close();
  }

  /** A refusal goes to another agent while there is one, and budget, and attempts; any other failure stands. */
  private retryOrFail({ unit, life }: Dispatch, error: WorkError): void {
    unit.failedBy.add(life);
    if (!refusals.has(error.code) || unit.attempts >= this.attemptsMax) {
      this.fail(unit, error);
      return;
    }
    const next = this.ranking.pick(unit.failedBy);
    if (next && this.retryBudget.take()) this.assign(next, unit);
    else this.fail(unit, error);
  }

  private lose(dispatch: Dispatch): void {
    const { unit, lane, life } = dispatch;
    lane.inFlight.delete(dispatch); // still known by its id: an answer may come all the same
    this.ranking.update(lane);
    if (!isCurrent(dispatch)) return;
    unit.failedBy.add(life);
    if (unit.attempts < this.attemptsMax) {
      this.reassign(unit);
      return;
    }
    this.fail(unit, {
      code: 'unavailable',
      message: `agent ${lane.agentId} was lost; no more than ${this.attemptsMax} are tried`,
    });
  }

  private reassign(unit: WorkUnit): void {
    const lane = this.ranking.pick(unit.failedBy);
    if (lane) {
      this.assign(lane, unit);
      return;
    }
    // Agents that restart are back in a moment; the caller says when it has waited long enough.
    unit.place = { kind: 'nowhere' };
    this.homeless.add(unit);
  }

  private assign(lane: Lane, unit: WorkUnit): void {
    lane.turn = this.turns++;
    this.enqueue(lane, unit);
    this.pump(lane);
  }

  private enqueue(lane: Lane, unit: WorkUnit): void {
    lane.enqueue(unit);
    this.ranking.update(lane);
  }

  private pump(lane: Lane): void {
    while (lane.hasRoom) {
      const unit = lane.dequeue();
      if (!unit) return;
      this.send(lane, unit);
    }
  }

  private send(lane: Lane, unit: WorkUnit): void {
    const dispatchId = ++this.lastDispatchId;
    const dispatch: Dispatch = { id: dispatchId, unit, lane, life: lane.life };
    this.dispatches.set(dispatchId, dispatch);
    lane.inFlight.add(dispatch); // the load stays: one less queued, one more in flight
    unit.place = { kind: 'in_flight', dispatchId };
    const attempt = ++unit.attempts;
    this.effects.push({ kind: 'send', dispatchId, workIndex: unit.index, agentId: lane.agentId, attempt });
  }

  private release(dispatch: Dispatch): void {
    this.dispatches.delete(dispatch.id);
    dispatch.lane.inFlight.delete(dispatch);
    this.ranking.update(dispatch.lane);
  }

  private fail(unit: WorkUnit, error: WorkError): void {
    this.settle(unit, unit.agentId, { ok: false, error });
  }

  private settle(unit: WorkUnit, agentId: string, outcome: Outcome): void {
    assert(unit.place.kind !== 'settled', 'a unit is settled once');
    if (unit.place.kind === 'queued') this.withdraw(unit);
    this.homeless.delete(unit);
    unit.place = { kind: 'settled' };
    this.unsettled--;
    this.effects.push({
      kind: 'settled',
      workIndex: unit.index,
      agentId,
      attempts: unit.attempts,
      ...outcome,
    });
  }

  private withdraw(unit: WorkUnit): void {
    const lane = this.lanes.get(unit.agentId);
    assert(lane, 'a queued unit has a lane');
    lane.withdraw();
    this.ranking.update(lane);
  }

  private late(dispatchId: number): this {
    this.effects.push({ kind: 'late', dispatchId });
    return this;
  }

  private flush(): DispatchEffect[] {
    if (this.unsettled === 0 && !this.finished) {
      this.finished = true;
      this.effects.push({ kind: 'done' });
    }
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}

/** Whether a dispatch is the attempt that its unit waits for. */
function isCurrent({ id, unit }: Dispatch): boolean {
  return unit.place.kind === 'in_flight' && unit.place.dispatchId === id;
}
