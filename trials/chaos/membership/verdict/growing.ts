import { type LifeGrowth, type MemoryReport, type RoleGrowth } from '../memory/growth.js';

/**
 * What grows by more than so many megabytes a minute with 97.5 % confidence grows for ever.
 *
 * The strict bound is on what the program holds after a full collection: a leak of JavaScript is in it as soon as it
 * happens, and little else is. RSS has a loose one. It goes on rising for minutes after a start while nothing is held any
 * more: code is compiled, heaps and arenas of the allocator take pages that they do not give back. A busy process was
 * seen at 2.6 MB a minute in its first six minutes while it held 0.1 MB a minute more. So of memory that is held outside
 * of what V8 accounts for, only a large leak is found here; a small one needs hours. All lives of a role taken together
 * are surer than any one of them, and have smaller bounds.
 */
export const growthMax = {
  life: { held: 1, resident: 5 },
  role: { held: 0.5, resident: 4 },
} as const;

export const lifeGrows = ({ held, resident }: LifeGrowth): boolean =>
  held.low > growthMax.life.held || (resident?.low ?? 0) > growthMax.life.resident;

export const roleGrows = ({ held, resident }: RoleGrowth): boolean =>
  held.low > growthMax.role.held || (resident?.low ?? 0) > growthMax.role.resident;

/** Who grows, in words; nothing when nobody surely does. */
export function growing({ lives, roles }: MemoryReport): string[] {
  const grown = lives.filter(lifeGrows);
  const grownRoles = roles.filter(roleGrows);
  const named = (names: readonly string[]) => names.join(', ');
  return [
    ...(grown.length > 0 ? [`${grown.length} processes grow: ${named(grown.map(({ id }) => id))}`] : []),
    ...(grownRoles.length > 0
      ? [`processes of a role grow, taken together: ${named(grownRoles.map(({ role }) => role))}`]
      : []),
  ];
}
