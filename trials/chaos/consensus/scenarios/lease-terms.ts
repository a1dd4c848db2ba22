/** What the holder tells: the token it got, and what became of each write. */
export type HolderNews =
  | { readonly kind: 'holds'; readonly token: number }
  | { readonly kind: 'wrote'; readonly index: number }
  | { readonly kind: 'refused'; readonly code: string };

/** Whom the lease and the writes are about. */
export const leaseResource = 'printer';
export const leaseKey = 'printer.job';
/** So long that a busy machine lets it be renewed in time; it is waited for once a pause. */
export const leaseTtlMs = 2_000;
