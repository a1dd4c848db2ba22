import { type Life } from '../members/life.js';
import { type Role } from '../cast.js';
import { toldEveryMs } from './cadence.js';
import { pooledSlope, type Slope, slopeOf } from './slope.js';

/** How memory went after full collections, in megabytes. */
interface Growth {
  readonly role: Role;
  /** Of what the process has of the machine (RSS); null when nobody lasted long enough to tell. */
  readonly resident: Slope | null;
  /** Of what the program holds: its heap, and what buffers have outside of it. */
  readonly held: Slope;
}

/** Of one life. */
export interface LifeGrowth extends Growth {
  readonly id: string;
  readonly minutes: number;
  readonly lastMegabytes: number;
}

/** Of all lives of a role, taken together. */
export interface RoleGrowth extends Growth {
  readonly lives: number;
  readonly medianMegabytes: number;
}

export interface MemoryReport {
  /** The lives that lasted long enough to tell. */
  readonly lives: readonly LifeGrowth[];
  readonly roles: readonly RoleGrowth[];
}

/** Until code is compiled and heaps have their size. */
const warmUpMs = 90_000;
/** What is shorter tells nothing about months. */
const judgedMsMin = 90_000;
/**
 * RSS rises in steps, minutes after a start as well, and a short stretch that has one of them looks like a steep line: in
 * 160 s 8.4 MB a minute were seen of a process that held 0.2 MB a minute more.
 */
export const judgedResidentMsMin = 240_000;
const msPerMinute = 60_000;

/** A life that lasts so long can be told of: a reading may come as much late as two of them are apart, at both ends. */
export const toldOfAfterMs = warmUpMs + judgedMsMin + 2 * toldEveryMs;

/** Of the lives that lasted long enough to tell. */
export function growths(lives: readonly Life[]): MemoryReport {
  const told = lives.flatMap(growthOf);
  const roles = [...new Set(told.map(({ role }) => role))].flatMap((role) =>
    growthOfRole(
      role,
      told.filter((each) => each.role === role),
    ),
  );
  return { lives: told, roles };
}

function growthOf({ id, role, startedAtMs, memory }: Life): LifeGrowth[] {
  const warm = memory.resident.filter(({ atMs }) => atMs >= startedAtMs + warmUpMs);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < judgedMsMin) return [];
  const held = slopeOf(memory.held.filter(({ atMs }) => atMs >= startedAtMs + warmUpMs));
  if (held === undefined) return [];
  const lastsMs = last.atMs - first.atMs;
  const resident = lastsMs < judgedResidentMsMin ? null : (slopeOf(warm) ?? null);
  const minutes = lastsMs / msPerMinute;
  return [{ id, role, minutes, lastMegabytes: last.value, resident, held }];
}

function growthOfRole(role: Role, own: readonly LifeGrowth[]): RoleGrowth[] {
  const resident = pooledSlope(own.flatMap((each) => each.resident ?? [])) ?? null;
  const held = pooledSlope(own.map((each) => each.held));
  if (held === undefined) return [];
  const sizes = own.map(({ lastMegabytes }) => lastMegabytes).sort((a, b) => a - b);
  const medianMegabytes = sizes[Math.floor(sizes.length / 2)]!;
  return [{ role, lives: own.length, medianMegabytes, resident, held }];
}
