/** Deepest nesting of a value, in levels: what is deeper could exhaust the stack of whoever walks it. */
export const depthMax = 64;

/** Roughly what a JSON value takes, in bytes; infinite when it is nested too deeply to be kept. */
export function valueBytes(value: unknown, depth = 0): number {
  if (typeof value === 'string') return 2 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (depth >= depthMax) return Infinity;
  let bytes = 16;
  if (Array.isArray(value)) {
    for (const item of value) bytes += valueBytes(item, depth + 1);
    return bytes;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name in fields) bytes += 8 + name.length + valueBytes(fields[name], depth + 1);
  return bytes;
}
