/** A flat array of numbers. */
export type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** The same numbers with room for more; what is new holds `fill`. */
export function widened<C extends Column>(from: C, capacity: number, fill = 0): C {
  const to = new (from.constructor as new (length: number) => C)(capacity);
  to.set(from);
  if (fill !== 0) to.fill(fill, from.length);
  return to;
}
