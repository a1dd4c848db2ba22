/*
 * The ledger of one request: every targeted agent has a line, and a line is filled in once: answered, failed, or (when
 * the roster closes) missing. At any time pending + answered + failed + missing = targeted.
 */
import { assert } from '@nexus/core/invariant';

/** `late`: the agent was already accounted for, or the roster is closed. `unknown`: no such slot. */
export type Entry = 'accepted' | 'late' | 'unknown';

export interface Answer<A> {
  agentId: string;
  value: A;
}

export interface Failure {
  agentId: string;
  code: string;
  message: string;
}

type Line<A> = { kind: 'answered'; value: A } | { kind: 'failed'; code: string; message: string };

/** Accounts for every targeted agent exactly once. An agent's slot is its index among the sorted ids. */
export class Roster<A> {
  private readonly lines: (Line<A> | undefined)[];
  private pendingCount: number;
  private closed = false;

  /** @param agentIds the targeted agents, sorted, none twice */
  constructor(private readonly agentIds: readonly string[]) {
    for (let slot = 1; slot < agentIds.length; slot++) {
      assert(agentIds[slot - 1]! < agentIds[slot]!, 'a roster is sorted, none twice');
    }
    this.lines = new Array<Line<A> | undefined>(agentIds.length).fill(undefined);
    this.pendingCount = agentIds.length;
  }

  /** Agents not accounted for yet; 0 once closed. */
  get pending(): number {
    return this.closed ? 0 : this.pendingCount;
  }

  /** Slots of the agents not accounted for yet, ascending. */
  pendingSlots(): number[] {
    const slots: number[] = [];
    if (this.pending === 0) return slots;
    for (let slot = 0; slot < this.lines.length; slot++) if (this.lines[slot] === undefined) slots.push(slot);
    return slots;
  }

  /** Whether every agent is accounted for: true right after the entry of the last pending one, and once closed. */
  get settled(): boolean {
    return this.pending === 0;
  }

  /** Enters an agent's answer. */
  answer(slot: number, value: A): Entry {
    return this.enter(slot, { kind: 'answered', value });
  }

  /** Enters an agent's failure. */
  fail(slot: number, { code, message }: { code: string; message: string }): Entry {
    return this.enter(slot, { kind: 'failed', code, message });
  }

  /** Ends the wait: who is still pending is missing from now on. Closing again changes nothing. */
  close(): void {
    this.closed = true;
  }

  /** Answers, in roster order. */
  answered(): Answer<A>[] {
    const answers: Answer<A>[] = [];
    this.lines.forEach((line, slot) => {
      if (line?.kind === 'answered') answers.push({ agentId: this.idAt(slot), value: line.value });
    });
    return answers;
  }

  /** Failures, in roster order. */
  failed(): Failure[] {
    const failures: Failure[] = [];
    this.lines.forEach((line, slot) => {
      if (line?.kind !== 'failed') return;
      failures.push({ agentId: this.idAt(slot), code: line.code, message: line.message });
    });
    return failures;
  }

  /** Agents that were silent when the roster closed, in roster order; empty before. */
  missing(): string[] {
    return this.closed ? this.agentIds.filter((_, slot) => this.lines[slot] === undefined) : [];
  }

  private enter(slot: number, line: Line<A>): Entry {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.lines.length) return 'unknown';
    if (this.closed || this.lines[slot] !== undefined) return 'late';
    this.lines[slot] = line;
    this.pendingCount--;
    return 'accepted';
  }

  private idAt(slot: number): string {
    return this.agentIds[slot]!;
  }
}
