import { type MemberState } from './member-state.js';

/** Members in the order in which their keys changed last, threaded through the states themselves. */
export class Recency {
  /** The one that changed last; follow `older` from there. */
  newest: MemberState | null = null;

  touch(state: MemberState): void {
    if (this.newest === state) return;
    this.remove(state);
    state.older = this.newest;
    if (this.newest !== null) this.newest.newer = state;
    this.newest = state;
  }

  remove(state: MemberState): void {
    if (state.newer !== null) state.newer.older = state.older;
    if (state.older !== null) state.older.newer = state.newer;
    if (this.newest === state) this.newest = state.older;
    state.newer = null;
    state.older = null;
  }
}
