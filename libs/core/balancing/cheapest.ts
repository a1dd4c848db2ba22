/*
 * All algorithms that compare agents share one way of doing it: what an agent costs is divided by its share, so that
 * weights and slow start hold for all; an agent elsewhere costs half as much again; who may not be given work is passed
 * over; of equals chance decides. Few candidates are all looked at. Of many, a few by chance: the best of two already
 * avoids almost all of what pure chance does wrong (Mitzenmacher 2001), and the cost does not grow with the fleet.
 */
import { type Balancer, type AlgorithmName, noAgent } from './balancer.js';
import { type PickRequest } from './pick-request.js';
import { type LoadTable } from './table/load-table.js';
import { noNode } from './table/nodes.js';

/** What makes one agent worse than another. */
export interface Cost {
  /** How much of the cost is chance, at most: an agent elsewhere costs more than any chance makes up for. */
  readonly chance?: number;
  /** Not below 0; the lowest wins. Divided by the agent's share afterwards. */
  of(table: LoadTable, slot: number, request: PickRequest): number;
}

export interface CheapestOptions {
  readonly name: AlgorithmName;
  readonly cost: Cost;
  /** Agents that are compared of a large set. More find a better one, and make coordinators run to the same. */
  readonly choices: number;
  /** Sets up to this size are looked at whole. */
  readonly scanMax: number;
}

/** What an agent that is not on the preferred node costs more: it is chosen when the others are clearly busier. */
const remoteCost = 1.5;
/** Draws by chance that may meet agents without room, for each choice, before those with room are searched for. */
const drawsPerChoice = 4;

/** The agent with the lowest cost, of all or of some. */
export class Cheapest implements Balancer {
  readonly name: AlgorithmName;
  private readonly cost: Cost;
  private readonly chance: number;
  private readonly choices: number;
  private readonly scanMax: number;
  private best = noAgent;
  private bestCost = Infinity;
  private equals = 0;
  private compared = 0;
  private node = noNode;
  private isPanic = false;

  constructor({ name, cost, choices, scanMax }: CheapestOptions) {
    this.name = name;
    this.cost = cost;
    this.chance = cost.chance ?? 0;
    this.choices = choices;
    this.scanMax = scanMax;
  }

  pick(request: PickRequest): number {
    const { candidates } = request;
    candidates.table.wake(request.nowMs);
    this.best = noAgent;
    this.bestCost = Infinity;
    this.equals = 0;
    this.compared = 0;
    this.node = request.node;
    this.isPanic = candidates.isPanic;
    if (candidates.size <= this.scanMax) this.compareAll(request);
    else this.compareSome(request);
    return this.best;
  }

  private compareAll(request: PickRequest): void {
    for (const slot of request.candidates.slots) this.compare(slot, request);
  }

  private compareSome(request: PickRequest): void {
    const { candidates } = request;
    const { slots } = candidates;
    const near = this.node === noNode ? [] : candidates.onNode(this.node);
    for (let draw = 0; draw < drawsPerChoice * this.choices && this.compared < this.choices; draw++) {
      // Every other draw is from the preferred node: among many agents chance would hardly find it.
      const isNear = near.length > 0 && draw % 2 === 0;
      const slot = isNear
        ? near[request.randomBelow(near.length)]!
        : slots[request.randomBelow(slots.length)]!;
      if (slot !== this.best) this.compare(slot, request);
    }
    if (this.compared === 0) this.compareOpen(request);
  }

  /** Hardly anybody has room: those who do are found by their bits, from a place by chance on, once round. */
  private compareOpen(request: PickRequest): void {
    const { slots } = request.candidates;
    if (slots.length === 0) return;
    const start = slots[request.randomBelow(slots.length)]!;
    this.compareOpenBetween(start, Infinity, request);
    this.compareOpenBetween(0, start, request);
  }

  private compareOpenBetween(from: number, end: number, request: PickRequest): void {
    const { members, table } = request.candidates;
    const open = table.allOpen(this.isPanic);
    let slot = members.nextCommon(open, from, end);
    while (slot !== -1 && this.compared < this.choices) {
      this.compare(slot, request);
      slot = members.nextCommon(open, slot + 1, end);
    }
  }

  private compare(slot: number, request: PickRequest): void {
    const { table } = request.candidates;
    if (!table.isOpen(slot, this.isPanic) || request.excludes(slot)) return;
    this.compared++;
    const isRemote = this.node !== noNode && table.nodeOf(slot) !== this.node;
    const alone = this.cost.of(table, slot, request);
    const cost = (isRemote ? (alone + this.chance) * remoteCost : alone) / table.share(slot, request.nowMs);
    if (cost < this.bestCost) {
      this.best = slot;
      this.bestCost = cost;
      this.equals = 1;
    } else if (cost === this.bestCost) {
      this.equals++;
      if (request.random() * this.equals < 1) this.best = slot;
    }
  }
}
