import { type ErrorCode, NexusError } from '@nexus/contracts';
import { noAgent, type Outcome, type Ticket } from '@nexus/core/balancing';
import { assert } from '@nexus/core/invariant';
import { type FleetLoads } from '../fleet/fleet-loads.js';
import { type Selection } from '../fleet/selection.js';
import { type WatchedWork } from '../fleet/work-watch.js';
import { type Sending, type Settled, type TaskAnswer, type TaskOutcome } from './task.js';
import { type WaitingLine } from './waiting-line.js';

/** Agents that one task is sent to, at most, unless told otherwise. */
export const attemptsMax = 3;

/** Port: whoever the tasks belong to. */
export interface TaskOwner {
  /**
   * Chooses an agent.
   * @param failedBy who had the task before
   * @returns a slot, or `noAgent` while nobody has room
   */
  choose(index: number, failedBy: readonly Life[]): number;
  /** @throws NexusError `unavailable` while there is no connection: it is sent later; any other fault is the task's own */
  send(sending: Sending): void;
  /** Whether a refused task may be sent once more. */
  mayRetry(): boolean;
  onSettled(settled: Settled): void;
  onDone(): void;
  /** Told when work begins to wait for agents that are not there at all, and when that is over. */
  onHomeless(isHomeless: boolean): void;
}

export interface TaskRunOptions {
  /** How many tasks there are. */
  readonly tasks: number;
  readonly loads: FleetLoads;
  readonly selection: Selection;
  readonly line: WaitingLine;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly owner: TaskOwner;
  /** Agents that one task is sent to, at most. Default 3. */
  readonly attemptsMax?: number;
}

/** Tasks that find no agent but those they were with, until fresh ones get their turn. */
const missesMax = 8;
/** No dispatch has this id. */
const nowhere = 0;

class Task {
  attempts = 0;
  settled = false;
  /** The dispatch that is to do it, if any; what an earlier one answers counts only if it did it. */
  current = nowhere;
  agentId: string | undefined;
  /** Who had it and did not do it. */
  failedBy: readonly Life[] = nobody;

  constructor(readonly index: number) {}
}

/** One life of an agent: one that comes back may be given what its former life did not do. */
export interface Life {
  readonly slot: number;
  readonly generation: number;
}

const nobody: readonly Life[] = [];

interface Dispatch {
  readonly id: number;
  readonly task: Task;
  readonly slot: number;
  readonly generation: number;
  readonly agentId: string;
  readonly ticket: Ticket;
  readonly sentAtMs: number;
  /** What whoever learns from it wants to have back at the end. */
  readonly watched: WatchedWork | undefined;
  /** Whether the table was told of its end. */
  ended: boolean;
}

/**
 * Gets each task done once. An agent is chosen when it has room, and not before, so that whoever is faster does more. A
 * task whose agent refuses it, dies or is not there goes to another; one that is answered otherwise is settled. What is
 * in flight is counted in the table from the sending to the end, whatever the end is.
 */
export class TaskRun {
  private readonly dispatches = new Map<number, Dispatch>();
  private readonly tasks: Task[];
  /** Tasks to be sent once more, before those that were not sent yet. */
  private readonly again: Task[] = [];
  private nextTask = 0;
  private unsettled: number;
  private lastDispatchId = 0;
  private closed = false;
  /** Whether the deadline has passed: what is not under way is not begun any more. */
  private expired = false;
  private homeless = false;
  /** Agents that any task was with and that did not do it, at most. */
  private failedByMost = 0;
  private readonly attemptsMax: number;

  constructor(private readonly options: TaskRunOptions) {
    this.attemptsMax = options.attemptsMax ?? attemptsMax;
    this.unsettled = options.tasks;
    this.tasks = [];
    for (let index = 0; index < options.tasks; index++) this.tasks.push(new Task(index));
  }

  /** Whether there is work that no agent has. */
  get waits(): boolean {
    return !this.closed && !this.expired && (this.again.length > 0 || this.nextTask < this.tasks.length);
  }

  /** Sends what agents have room for. Returns whether those who wait behind may find room as well. */
  pump(): boolean {
    if (this.expired || this.closed) return true;
    const hasRoom = this.sendAgain() && this.sendFirst();
    if (this.waits) this.options.line.join(this.options.selection, this);
    this.noteHomeless();
    return hasRoom;
  }

  /** An agent answered. The first answer that does the task wins, even that of an attempt that was given up. */
  answered(dispatchId: number, answer: TaskAnswer): 'counted' | 'late' {
    const dispatch = this.dispatches.get(dispatchId);
    if (!dispatch || this.closed) return 'late';
    this.dispatches.delete(dispatchId);
    const { task, agentId } = dispatch;
    const isCurrent = task.current === dispatchId && !task.settled;
    this.end(dispatch, outcomeOf(answer), answer);
    if (answer.kind === 'undeliverable') {
      this.options.loads.unreachable(agentId);
      if (isCurrent) {
        task.attempts -= 1;
        // It never had the task, and may have it once it is back.
        this.putBack(task);
      }
    } else if (answer.kind === 'done') {
      if (task.settled) return 'late';
      this.settle(task, { ok: true, data: answer.data }, agentId);
    } else if (!isCurrent) return 'late';
    else if (isRefusal(answer.code) && this.mayRetry(dispatch)) this.retry(dispatch);
    else this.settle(task, failure(answer.code, answer.message, answer.retryAfterMs), agentId);
    return 'counted';
  }

  /** An agent died: what it had goes elsewhere, as a further attempt. */
  agentLost(agentId: string): void {
    for (const dispatch of this.dispatchesAt(agentId)) this.lost(dispatch.id);
  }

  /** What an agent has in flight, to be handed to `lost` if it never comes. */
  inFlightAt(agentId: string): number[] {
    return this.dispatchesAt(agentId).map(({ id }) => id);
  }

  /** A dispatch that will not be answered, whatever else its agent does. */
  lost(dispatchId: number): void {
    const dispatch = this.dispatches.get(dispatchId);
    if (!dispatch || dispatch.ended || this.closed) return;
    const { task } = dispatch;
    this.end(dispatch, 'lost'); // still known by its id: an answer may come all the same
    if (task.settled || task.current !== dispatchId) return;
    if (task.attempts < this.attemptsMax) this.retry(dispatch);
    else {
      const message = `agent ${dispatch.agentId} was lost; no more than ${this.attemptsMax} are tried`;
      this.settle(task, failure('unavailable', message), dispatch.agentId);
    }
  }

  /** Nobody is expected any more: what waits, and for which no agent is left, fails. */
  giveUpWaiting(): void {
    for (const task of this.tasks) {
      if (task.settled || this.isUnderWay(task) || this.othersFor(task.failedBy) > 0) continue;
      this.settle(task, failure('unavailable', 'no agent is left to do the work'), task.agentId);
    }
    this.noteHomeless();
  }

  /** The deadline: what is not done by now fails. */
  expire(): void {
    this.expired = true;
    for (const task of this.tasks) {
      if (task.settled) continue;
      const dispatch = this.dispatches.get(task.current);
      if (dispatch) this.end(dispatch, 'expired');
      this.settle(
        task,
        failure('deadline_exceeded', 'the deadline passed before the work was done'),
        task.agentId,
      );
    }
    this.close();
  }

  /** Whoever the tasks belong to wants them no more: nothing is settled from here on. */
  abandon(): void {
    this.close();
  }

  /**
   * What was tried before goes first. Whoever has room may be whom a task was with: that task waits for another agent,
   * and nothing else waits for it.
   */
  private sendAgain(): boolean {
    let missesLeft = missesMax;
    for (let left = this.again.length; left > 0 && missesLeft > 0; left--) {
      const task = this.again.shift();
      if (!task || task.settled) continue;
      const slot = this.options.owner.choose(task.index, task.failedBy);
      if (slot !== noAgent) {
        if (!this.send(task, slot)) return false;
      } else if (task.failedBy.length === 0) {
        this.again.unshift(task);
        return false;
      } else {
        this.again.push(task);
        missesLeft -= 1;
      }
    }
    return true;
  }

  private sendFirst(): boolean {
    for (let task = this.tasks[this.nextTask]; task; task = this.tasks[this.nextTask]) {
      if (!task.settled) {
        const slot = this.options.owner.choose(task.index, task.failedBy);
        if (slot === noAgent) return false;
        this.nextTask += 1;
        if (!this.send(task, slot)) return false;
      } else this.nextTask += 1;
    }
    return true;
  }

  /** Agents that are busy will have room again; where there is none but those that failed the task, that does not help. */
  private noteHomeless(): void {
    const isHomeless = this.waits && this.hasHomeless();
    if (isHomeless === this.homeless) return;
    this.homeless = isHomeless;
    this.options.owner.onHomeless(isHomeless);
  }

  private hasHomeless(): boolean {
    const { size } = this.options.selection;
    if (size === 0) return true;
    // No task has been with as many agents as there are: nearly always, and then none need be looked at.
    if (size > this.failedByMost) return false;
    return this.again.some((task) => !task.settled && this.othersFor(task.failedBy) === 0);
  }

  /** How many agents may be chosen that have not failed a task. Of those that failed it some may not be chosen anyway. */
  private othersFor(failedBy: readonly Life[]): number {
    const { selection, loads } = this.options;
    const { size, members } = selection.candidates;
    const failed = failedBy.filter(
      ({ slot, generation }) => members.has(slot) && loads.table.generationOf(slot) === generation,
    );
    return size - new Set(failed.map(({ slot }) => slot)).size;
  }

  /** Returns whether more can be sent. */
  private send(task: Task, slot: number): boolean {
    const { loads, owner, now } = this.options;
    const { table } = loads;
    const agentId = table.idOf(slot);
    const sentAtMs = now();
    const dispatch: Dispatch = {
      id: ++this.lastDispatchId,
      task,
      slot,
      generation: table.generationOf(slot),
      agentId,
      ticket: loads.begin(slot, sentAtMs),
      sentAtMs,
      watched: loads.watch?.began(table, slot, sentAtMs),
      ended: false,
    };
    const before = task.agentId;
    task.attempts += 1;
    task.current = dispatch.id;
    task.agentId = agentId;
    this.dispatches.set(dispatch.id, dispatch);
    try {
      owner.send({ dispatchId: dispatch.id, index: task.index, agentId, attempt: task.attempts });
      return true;
    } catch (thrown) {
      this.dispatches.delete(dispatch.id);
      this.end(dispatch, 'withdrawn');
      task.attempts -= 1;
      const { code, message } = NexusError.from(thrown);
      if (code === 'unavailable') {
        task.agentId = before;
        this.again.unshift(task);
        return false;
      }
      this.settle(task, failure(code, message), agentId);
      return true;
    }
  }

  /** A refused task needs an attempt, somebody else who could take it, and a retry that the budget grants. */
  private mayRetry({ task, slot }: Dispatch): boolean {
    if (task.attempts >= this.attemptsMax) return false;
    const generation = this.options.loads.table.generationOf(slot);
    const failedBy = [...task.failedBy, { slot, generation }];
    return this.othersFor(failedBy) > 0 && this.options.owner.mayRetry();
  }

  private retry({ task, slot, generation }: Dispatch): void {
    task.failedBy = [...task.failedBy, { slot, generation }];
    this.failedByMost = Math.max(this.failedByMost, task.failedBy.length);
    this.putBack(task);
  }

  private putBack(task: Task): void {
    // Nobody has it until it is sent again: what its former agent says of having failed it changes nothing any more.
    task.current = nowhere;
    this.again.push(task);
    this.pump();
  }

  private end(dispatch: Dispatch, outcome: Outcome, answer?: TaskAnswer): void {
    if (dispatch.ended) return;
    dispatch.ended = true;
    const { loads, line, now } = this.options;
    const nowMs = now();
    const { ticket, sentAtMs, agentId, watched } = dispatch;
    const load = answer?.kind === 'undeliverable' ? undefined : answer?.load;
    const retryAfterMs = answer?.kind === 'failed' ? answer.retryAfterMs : undefined;
    const latencyMs = nowMs - sentAtMs;
    if (watched !== undefined) loads.watch?.ended(watched, outcome, latencyMs);
    loads.end(agentId, { ticket, outcome, latencyMs, retryAfterMs, load }, nowMs);
    line.roomMade();
  }

  private settle(task: Task, outcome: TaskOutcome, agentId: string | undefined): void {
    assert(!task.settled, 'a task is settled once');
    task.settled = true;
    this.unsettled -= 1;
    this.options.owner.onSettled({ index: task.index, agentId, attempts: task.attempts, outcome });
    if (this.unsettled === 0) this.close();
  }

  /** What is still in flight was done by others, or is too late. */
  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.options.line.leave(this.options.selection, this);
    for (const dispatch of this.dispatches.values()) this.end(dispatch, 'withdrawn');
    this.dispatches.clear();
    this.options.owner.onDone();
  }

  private isUnderWay(task: Task): boolean {
    const dispatch = this.dispatches.get(task.current);
    return dispatch !== undefined && !dispatch.ended;
  }

  private dispatchesAt(agentId: string): Dispatch[] {
    return [...this.dispatches.values()].filter((dispatch) => dispatch.agentId === agentId);
  }
}

/** Failures that say that the work was not begun, so that another agent may be asked. */
const refusals: ReadonlySet<ErrorCode> = new Set(['overloaded', 'unavailable']);
const isRefusal = (code: ErrorCode): boolean => refusals.has(code);

/** Failures that are the caller's own and say nothing of the agent. */
const callersFaults: ReadonlySet<ErrorCode> = new Set(['invalid_argument', 'payload_too_large']);

function outcomeOf(answer: TaskAnswer): Outcome {
  if (answer.kind === 'done') return 'done';
  if (answer.kind === 'undeliverable' || callersFaults.has(answer.code)) return 'withdrawn';
  return isRefusal(answer.code) ? 'refused' : 'failed';
}

const failure = (code: ErrorCode, message: string, retryAfterMs?: number): TaskOutcome => ({
  ok: false,
  error: { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
});
