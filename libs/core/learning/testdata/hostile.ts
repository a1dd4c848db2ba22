import fc from 'fast-check';

/** Numbers that nobody should send, among some that are sound. */
export const hostileNumber = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1_000, max: 1_000, noNaN: true }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 1e12, -1e12, 5e-324, -5e-324, 1e-160) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 1e308, -1e308) },
);

/** Rows of three, some too short or too long, or with a hole. */
export const hostileRow = fc.oneof(
  { weight: 8, arbitrary: fc.array(hostileNumber, { minLength: 3, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(hostileNumber, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constant(new Array<number>(3)) },
);

/** Rows with a target; columns are often constant, which is hostile as well. */
export const hostileSamples = fc.oneof(
  fc.array(fc.tuple(hostileRow, hostileNumber), { maxLength: 80 }),
  fc
    .tuple(hostileNumber, fc.array(fc.tuple(hostileNumber, hostileNumber), { maxLength: 80 }))
    .map(([constant, rows]) => rows.map(([x, y]): [number[], number] => [[constant, x, x], y])),
);

export const isSound = (value: unknown) => typeof value === 'number' && Math.abs(value) <= 1e12;
export const isSoundRow = (row: readonly number[]) => row.length === 3 && [...row].every(isSound);

/** One place of a JSON value, replaced by something else. */
export function mutated(value: unknown, at: number, by: unknown): unknown {
  const places: [Record<string, unknown>, string][] = [];
  const copy = JSON.parse(JSON.stringify({ value })) as Record<string, unknown>;
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const [node, key] = places[at % places.length]!;
  if (by === undefined) Reflect.deleteProperty(node, key);
  else node[key] = by;
  return copy['value'];
}
