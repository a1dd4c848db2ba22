export interface PageRequest<T> {
  /** Sorted by name; no more of them is taken than the page needs, and one to see whether there are more. */
  readonly items: Iterable<T>;
  readonly nameOf: (item: T) => string;
  /** The last name of the page before; undefined for the first page. */
  readonly after: string | undefined;
  readonly limit: number;
  /** A page may end before its limit: it must fit a message. */
  readonly bytesMax: number;
}

export interface Page<T> {
  readonly items: T[];
  /** Where the next page starts; null after the last. */
  readonly cursor: string | null;
}

/**
 * The items behind a name, as many as are wanted and fit; one at least where there is any. By names, not by places: a
 * page is right whatever came and went since the one before it.
 */
export function pageOf<T>({ items, nameOf, after, limit, bytesMax }: PageRequest<T>): Page<T> {
  const page: T[] = [];
  let bytes = 0;
  for (const item of items) {
    if (after !== undefined && nameOf(item) <= after) continue;
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    const last = page.at(-1);
    if (last !== undefined && (page.length >= limit || bytes > bytesMax)) {
      return { items: page, cursor: nameOf(last) };
    }
    page.push(item);
  }
  return { items: page, cursor: null };
}
