/*
 * Agents are points on a circle; a key belongs to the agent whose point follows it. Alone that is uneven, for gaps between
 * random points are: so a key is thrown several times, and the throw that lands closest before a point decides. (Multi-probe
 * consistent hashing, Appleton, O'Reilly 2015.) That is as even as hundreds of points an agent, at a fraction of the memory.
 * An agent that joins or leaves moves only the keys that are its own.
 */
import { fractionOf, hashOf } from './hashing.js';
import { type LoadTable } from './table/load-table.js';
import { slotsMax } from './table/slots.js';

/** With 21 throws the fullest agent has about 1.05 of the mean (Appleton, O'Reilly 2015). */
const probes = 21;
/** With one point, an agent close behind another would get next to nothing; with four the emptiest has half of the mean. */
const pointsPerAgent = 4;
const hashes = 2 ** 32;
/** Fewer are found faster, and make more arcs to be moved when an agent joins. */
const pointsPerArc = 8;

/** Agents on a circle, in flat arrays. */
export class HashRing {
  /** Ascending. The hash of the agent, and behind it the slot: 53 bits, exact. */
  private points: Float64Array;
  /** Where the points of each of many equal arcs begin. Hashes are spread evenly: an arc has about eight. */
  private arcs = new Int32Array(0);
  private arcHashes = 0;
  private count = 0;

  constructor(agents: Iterable<{ readonly agentId: string; readonly slot: number }>) {
    const points: number[] = [];
    for (const { agentId, slot } of agents) {
      for (let point = 0; point < pointsPerAgent; point++) points.push(pointOf(agentId, slot, point));
    }
    this.points = Float64Array.from(points).sort();
    this.count = points.length;
    this.drawArcs();
  }

  /** Points on it, of all agents. */
  get size(): number {
    return this.count;
  }

  slotAt(place: number): number {
    return this.points[place]! & (slotsMax - 1);
  }

  add(agentId: string, slot: number): void {
    for (let point = 0; point < pointsPerAgent; point++) this.insert(pointOf(agentId, slot, point));
  }

  remove(agentId: string, slot: number): void {
    for (let point = 0; point < pointsPerAgent; point++) this.takeOut(pointOf(agentId, slot, point));
  }

  /** The place of the agent to which a key belongs; there must be one. Twice the share draws twice as many keys. */
  placeOf(keyHash: number, table: LoadTable, nowMs: number): number {
    let nearest = 0;
    let nearestDistance = Infinity;
    for (let probe = 0; probe < probes; probe++) {
      const thrown = fractionOf(keyHash, probe) * hashes * slotsMax;
      const place = this.wrapped(this.placeFrom(thrown));
      const ahead = this.points[place]! - thrown;
      const distance =
        (ahead < 0 ? ahead + hashes * slotsMax : ahead) / table.share(this.slotAt(place), nowMs);
      if (distance >= nearestDistance) continue;
      nearest = place;
      nearestDistance = distance;
    }
    return nearest;
  }

  /** The next place clockwise. */
  after(place: number): number {
    return this.wrapped(place + 1);
  }

  private insert(point: number): void {
    if (this.count === this.points.length) this.grow();
    const place = this.placeFrom(point);
    this.points.copyWithin(place + 1, place, this.count);
    this.points[place] = point;
    this.count++;
    if (this.count > 2 * pointsPerArc * this.arcs.length) this.drawArcs();
    else this.shiftArcs(point, 1);
  }

  private takeOut(point: number): void {
    const place = this.placeFrom(point);
    if (this.points[place] !== point) return;
    this.points.copyWithin(place, place + 1, this.count);
    this.count--;
    this.shiftArcs(point, -1);
  }

  private wrapped(place: number): number {
    return place === this.count ? 0 : place;
  }

  /** The first place whose point is not before `point`; `size` when all are. */
  private placeFrom(point: number): number {
    let place = this.arcs[this.arcOf(point)] ?? 0;
    while (place < this.count && this.points[place]! < point) place++;
    return place;
  }

  private arcOf(point: number): number {
    return Math.floor(point / slotsMax / this.arcHashes);
  }

  private drawArcs(): void {
    let arcs = 16;
    while (arcs * pointsPerArc < this.count) arcs *= 2;
    this.arcs = new Int32Array(arcs);
    this.arcHashes = hashes / arcs;
    for (let arc = 0, place = 0; arc < arcs; arc++) {
      while (place < this.count && this.arcOf(this.points[place]!) < arc) place++;
      this.arcs[arc] = place;
    }
  }

  /** A point more or less moves the beginnings of all arcs behind its own. */
  private shiftArcs(point: number, by: number): void {
    for (let arc = this.arcOf(point) + 1; arc < this.arcs.length; arc++) this.arcs[arc]! += by;
  }

  private grow(): void {
    const points = new Float64Array(Math.max(16, this.count * 2));
    points.set(this.points);
    this.points = points;
  }
}

const pointOf = (agentId: string, slot: number, point: number): number =>
  Math.floor(fractionOf(hashOf(agentId), point) * hashes) * slotsMax + slot;
