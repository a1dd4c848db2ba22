import { type ReplicatedState } from '@nexus/core/replicated-state';
import { type ReadReply } from '@nexus/contracts';

/** What is read: a key, a lease or an office. */
export type Query = { readonly key: string } | { readonly resource: string } | { readonly election: string };

/** @param index all entries up to it are in the state */
export function readingOf(state: ReplicatedState, query: Query, index: number): ReadReply {
  if ('key' in query) return { ...state.key(query.key), index } as ReadReply;
  if ('resource' in query) return { ...state.lease(query.resource), index };
  const { waiting, ...office } = state.election(query.election);
  return { ...office, waiting: [...waiting], index };
}
