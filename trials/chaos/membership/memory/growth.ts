import { type Life } from '../members/life.js';
import { type Role } from '../cast.js';
import { type Slope, slopeOf } from './slope.js';

/** How the memory of one life went, in megabytes. */
export interface Growth extends Slope {
  readonly id: string;
  readonly role: Role;
  readonly minutes: number;
  readonly lastMegabytes: number;
  /** Of it the heap: what a growth stems from that the heap has no part in is not held by the program. */
  readonly heap: Slope;
}

/** Until code is compiled and heaps have their size. */
const warmUpMs = 90_000;
/** What is shorter tells nothing about months. */
const judgedMsMin = 90_000;
const msPerMinute = 60_000;

/** Of the lives that lasted long enough to tell. */
export function growths(lives: readonly Life[]): Growth[] {
  return lives.flatMap(({ id, role, startedAtMs, memory }) => {
    const warm = memory.resident.filter(({ atMs }) => atMs >= startedAtMs + warmUpMs);
    const [first, last] = [warm[0], warm.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < judgedMsMin) return [];
    const slope = slopeOf(warm);
    const heap = slopeOf(memory.heap.filter(({ atMs }) => atMs >= startedAtMs + warmUpMs));
    if (slope === undefined || heap === undefined) return [];
    const minutes = (last.atMs - first.atMs) / msPerMinute;
    return [{ ...slope, id, role, minutes, lastMegabytes: last.value, heap }];
  });
}
