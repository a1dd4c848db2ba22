/** Names one request of one caller. */
export interface RequestKey {
  readonly user: string;
  readonly requestId: string;
}

export type Claim =
  /** It is ours to run. */
  | { readonly kind: 'claimed' }
  /** Another process, or this one, is at it. */
  | { readonly kind: 'running' }
  /** It has been run; here is what came of it. */
  | { readonly kind: 'done'; readonly outcome: Uint8Array }
  /** The id was used for a different request. */
  | { readonly kind: 'conflict' };

/** Port: what all coordinators know of the requests that carry an id. */
export interface OutcomeStore {
  claim(
    request: RequestKey & { readonly fingerprint: string; readonly owner: string; readonly leaseMs: number },
  ): Promise<Claim>;
  complete(
    request: RequestKey & {
      readonly fingerprint: string;
      readonly owner: string;
      readonly outcome: string;
      readonly keepMs: number;
    },
  ): Promise<unknown>;
  /** Forgets a claim of which nothing came, so that a repeat may run. */
  release(request: RequestKey & { readonly owner: string }): Promise<unknown>;
}
