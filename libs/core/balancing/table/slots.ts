import { assert } from '@nexus/core/invariant';
import { widened } from './columns.js';

/** Slots are small integers; a ticket is a slot and its generation in one number, exact for 2^29 lives of a slot. */
export const slotsMax = 2 ** 21;

/**
 * Who has which slot. A slot that is free is used again in a new generation, the one that is free for longest first: what
 * still refers to its former life finds out.
 */
export class Slots {
  private readonly ids: (string | undefined)[] = [];
  private readonly slotsById = new Map<string, number>();
  private generations = new Uint32Array(8);
  /** Sets of candidates that hold the slot: it is not used again before the last one let go of it. */
  private holders = new Int32Array(8);
  private free: number[] = [];
  private freeHead = 0;

  /** Agents that have a slot. */
  get size(): number {
    return this.slotsById.size;
  }

  /** Agents that have a slot, in no order. */
  agentIds(): IterableIterator<string> {
    return this.slotsById.keys();
  }

  /** -1 for an agent that has none. */
  slotOf(agentId: string): number {
    return this.slotsById.get(agentId) ?? -1;
  }

  idOf(slot: number): string {
    const agentId = this.ids[slot];
    assert(agentId !== undefined, 'a slot that is asked for its agent has one');
    return agentId;
  }

  generationOf(slot: number): number {
    return this.generations[slot]!;
  }

  ticketOf(slot: number): number {
    return this.generations[slot]! * slotsMax + slot;
  }

  /** -1 when the slot has begun another life since. */
  slotOfTicket(ticket: number): number {
    const slot = ticket & (slotsMax - 1);
    return this.generations[slot] === (ticket - slot) / slotsMax ? slot : -1;
  }

  acquire(agentId: string): number {
    assert(!this.slotsById.has(agentId), 'an agent has one slot');
    const slot = this.nextFree();
    this.ids[slot] = agentId;
    this.slotsById.set(agentId, slot);
    return slot;
  }

  /** Ends a life. */
  release(slot: number): void {
    this.slotsById.delete(this.idOf(slot));
    this.ids[slot] = undefined;
    this.generations[slot]! += 1;
    if (this.holders[slot] === 0) this.free.push(slot);
  }

  hold(slot: number): void {
    this.holders[slot]! += 1;
  }

  letGo(slot: number): void {
    assert(this.holders[slot]! > 0, 'a slot is let go of once');
    this.holders[slot]! -= 1;
    if (this.holders[slot] === 0 && this.ids[slot] === undefined) this.free.push(slot);
  }

  private nextFree(): number {
    if (this.freeHead === this.free.length) return this.fresh();
    const slot = this.free[this.freeHead++]!;
    if (this.freeHead * 2 > this.free.length) {
      this.free = this.free.slice(this.freeHead);
      this.freeHead = 0;
    }
    return slot;
  }

  private fresh(): number {
    const slot = this.ids.length;
    assert(slot < slotsMax, 'a table holds two million agents at most');
    if (slot === this.generations.length) {
      this.generations = widened(this.generations, slot * 2);
      this.holders = widened(this.holders, slot * 2);
    }
    this.ids.push(undefined);
    return slot;
  }
}
