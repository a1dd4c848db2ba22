import { assert } from '@nexus/core/invariant';
import { HashRing } from './hash-ring.js';
import { MeanLoad } from './mean-load.js';
import { BitSet } from './table/bit-set.js';
import { type LoadTable } from './table/load-table.js';

/**
 * The agents that one selector means, in ascending order of their ids, kept up to date one change at a time. It holds
 * their slots: call `close` when it is needed no more.
 */
export class Candidates {
  /** What is in flight at one of them on average; for the bound of consistent hashing. */
  readonly meanLoad = new MeanLoad();
  private readonly ids: string[];
  private order: Int32Array;
  private view: Int32Array;
  private readonly bits = new BitSet();
  private hashRing: HashRing | undefined;
  private ejected = 0;
  private ejectedAsOf = -1;
  private heaviest = 0;
  private weighedAsOf = -1;
  /** Members by node, of nodes that were asked for while nobody moved. */
  private readonly byNode = new Map<number, number[]>();
  private nodesAsOf = 0;

  private constructor(
    readonly table: LoadTable,
    agentIds: Iterable<string>,
  ) {
    this.ids = [...new Set(agentIds)].sort();
    this.order = Int32Array.from(this.ids, slotIn(table));
    this.view = this.order;
    for (const slot of this.order) this.take(slot);
  }

  /** @param agentIds of agents that are in the table, in any order */
  static of(table: LoadTable, agentIds: Iterable<string>): Candidates {
    return new Candidates(table, agentIds);
  }

  get size(): number {
    return this.ids.length;
  }

  /** The slots in order of agent id. Good until the next change. */
  get slots(): Int32Array {
    return this.view;
  }

  /** The same as a set. */
  get members(): BitSet {
    return this.bits;
  }

  /** Adds an agent that is in the table; one that came back to it is taken in anew. */
  add(agentId: string): void {
    const slot = slotIn(this.table)(agentId);
    const place = this.placeFrom(agentId);
    if (this.ids[place] === agentId) {
      if (this.view[place] === slot) return;
      this.remove(agentId);
    }
    this.makeRoom(place);
    this.ids.splice(place, 0, agentId);
    this.order[place] = slot;
    this.refresh();
    this.take(slot);
    this.hashRing?.add(agentId, slot);
    this.byNode.get(this.table.nodeOf(slot))?.push(slot);
  }

  /** Whether the agent was among them. It may have left the table before. */
  remove(agentId: string): boolean {
    const place = this.placeFrom(agentId);
    if (this.ids[place] !== agentId) return false;
    const slot = this.view[place]!;
    this.hashRing?.remove(agentId, slot);
    this.order.copyWithin(place, place + 1, this.size);
    this.ids.splice(place, 1);
    this.refresh();
    this.drop(slot);
    for (const slots of this.byNode.values()) takeOut(slots, slot);
    return true;
  }

  /** Lets go of all. */
  close(): void {
    for (const slot of this.view) this.drop(slot);
    this.ids.length = 0;
    this.refresh();
    this.hashRing = undefined;
    this.byNode.clear();
  }

  /** Whether more than half are ejected. Then that counts no more: the rest could not carry the load of all. */
  get isPanic(): boolean {
    if (this.ejectedAsOf !== this.table.ejectionChanges) {
      this.ejected = this.table.countEjected(this.bits);
      this.ejectedAsOf = this.table.ejectionChanges;
    }
    return this.ejected * 2 > this.size;
  }

  /** No weight of theirs is greater. */
  get greatestWeight(): number {
    if (this.weighedAsOf !== this.table.weightChanges) {
      this.heaviest = 0;
      for (const slot of this.view) this.heaviest = Math.max(this.heaviest, this.table.weight(slot));
      this.weighedAsOf = this.table.weightChanges;
    }
    return this.heaviest;
  }

  /** They on a circle; drawn when it is asked for first. */
  get ring(): HashRing {
    this.hashRing ??= new HashRing(this.ids.map((agentId, at) => ({ agentId, slot: this.view[at]! })));
    return this.hashRing;
  }

  /** Those on a node, in no order. */
  onNode(node: number): readonly number[] {
    if (this.nodesAsOf !== this.table.nodeChanges) {
      this.byNode.clear();
      this.nodesAsOf = this.table.nodeChanges;
    }
    const known = this.byNode.get(node);
    if (known) return known;
    const found = [...this.view].filter((slot) => this.table.nodeOf(slot) === node);
    this.byNode.set(node, found);
    return found;
  }

  private take(slot: number): void {
    this.table.hold(slot);
    this.bits.add(slot);
    this.ejectedAsOf = -1;
    this.weighedAsOf = -1;
  }

  private drop(slot: number): void {
    this.bits.delete(slot);
    this.table.letGo(slot);
    this.ejectedAsOf = -1;
    this.weighedAsOf = -1;
  }

  private refresh(): void {
    this.view = this.order.subarray(0, this.size);
  }

  private makeRoom(place: number): void {
    if (this.size === this.order.length) {
      const wider = new Int32Array(Math.max(8, this.size * 2));
      wider.set(this.order);
      this.order = wider;
    }
    this.order.copyWithin(place + 1, place, this.size);
  }

  private placeFrom(agentId: string): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ids[middle]! < agentId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const slotIn =
  (table: LoadTable) =>
  (agentId: string): number => {
    const slot = table.slotOf(agentId);
    assert(slot !== -1, 'a candidate is an agent of the table');
    return slot;
  };

function takeOut(slots: number[], slot: number): void {
  const at = slots.indexOf(slot);
  if (at === -1) return;
  slots[at] = slots.at(-1)!;
  slots.pop();
}
