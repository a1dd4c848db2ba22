import { type Session } from './session.js';

/** Sessions in the order of their last activity, each step O(1): a list that runs through the sessions themselves. */
export class SessionOrder {
  private first: Session | null = null;
  private last: Session | null = null;

  /** Idle longest. */
  get oldest(): Session | null {
    return this.first;
  }

  /** Makes it the last one, whether or not it is in the list already. */
  append(session: Session): void {
    if (this.last === session) return;
    if (session.newer !== null) this.remove(session);
    session.older = this.last;
    if (this.last === null) this.first = session;
    else this.last.newer = session;
    this.last = session;
  }

  remove(session: Session): void {
    const { older, newer } = session;
    if (older === null) this.first = newer;
    else older.newer = newer;
    if (newer === null) this.last = older;
    else newer.older = older;
    session.older = null;
    session.newer = null;
  }
}
