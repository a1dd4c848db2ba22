/** What the holder tells: the token it got, and what became of each write. */
export type HolderNews =
  | { readonly kind: 'holds'; readonly token: number }
  | { readonly kind: 'wrote'; readonly index: number }
  | { readonly kind: 'refused'; readonly code: string };

/** Whom the lease and the writes are about. */
export const leaseResource = 'printer';
export const leaseKey = 'printer.job';
export const leaseTtlMs = 400;
