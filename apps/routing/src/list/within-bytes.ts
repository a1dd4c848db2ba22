/** The longest start of a list whose items, as JSON, stay within a size; at least one item when there is any. */
export function withinBytes<T>(items: readonly T[], bytesMax: number): readonly T[] {
  let bytes = 0;
  const over = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return bytes > bytesMax && index > 0;
  });
  return over === -1 ? items : items.slice(0, over);
}
