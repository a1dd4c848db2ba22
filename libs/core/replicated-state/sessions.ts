/*
 * Retries that apply once (dissertation, §6.3). A session keeps the outcome of each request until the client says that
 * it knows it. Sessions are opened by whichever of their requests comes first, in any order; what keeps a retry of a
 * forgotten session from opening it anew is one number instead of a tombstone each. Every request names an index that
 * was committed before the session's first request was sent, so it is smaller than the index at which the session was
 * registered. The greatest such index of all forgotten sessions is kept: a session that is not known and claims a
 * smaller one may have been forgotten, and is refused; one that claims it or a greater one never was registered.
 */
import { type SessionStamp } from './command.js';
import { type SessionImage } from './image.js';
import { type StateLimits } from './limits.js';
import { type Refused, refused } from './outcome.js';
import { outcomeImage, restoreOutcome, type SavedOutcome } from './saved-outcome.js';
import { type CapturedSession, Session } from './session.js';
import { SessionOrder } from './session-order.js';
import { type TableImage } from './table-image.js';
import { type Turn } from './turn.js';

/** What a session and each of its outcomes take in an image, in bytes. */
const rowBytes = 64;

export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private readonly order = new SessionOrder();
  private outcomes = 0;
  private forgotten = 0;

  constructor(private readonly limits: StateLimits) {}

  /** The greatest index at which a session was registered that is forgotten by now. */
  get forgottenIndex(): number {
    return this.forgotten;
  }

  /** Finds or opens the session of a request, and drops what the client has settled. */
  enter(turn: Turn, stamp: SessionStamp): Session | Refused {
    const { clientId, seq, settledBelow } = stamp;
    if (!isStamp(stamp, turn))
      return refused(turn, 'invalid_argument', 'the session is not numbered as it must be');
    const session = this.sessions.get(clientId) ?? this.open(turn, stamp);
    if (session === undefined)
      return refused(turn, 'session_unknown', 'the session was forgotten: open a new one');
    session.lastActiveMs = turn.nowMs;
    this.order.append(session);
    this.outcomes -= session.settle(settledBelow);
    if (seq < session.settledBelow) return refused(turn, 'stale_repeat', 'the request was settled before');
    return session;
  }

  /** Keeps the outcome of a request for its retries. */
  save(session: Session, seq: number, saved: SavedOutcome): void {
    this.outcomes += session.keep(seq, saved, this.limits.outcomesPerSessionMax);
    while (this.outcomes > this.limits.sessionOutcomesMax && this.order.oldest !== session)
      this.forgetOldest();
  }

  /** Forgets the sessions that were idle for too long by the entry's stamp. */
  expire({ nowMs }: Turn): void {
    const { sessionIdleMs } = this.limits;
    for (let { oldest } = this.order; oldest !== null; { oldest } = this.order) {
      if (oldest.lastActiveMs + sessionIdleMs > nowMs) return;
      this.forgetOldest();
    }
  }

  image(): TableImage<SessionImage> {
    const sessions: CapturedSession[] = [];
    for (let session = this.order.oldest; session !== null; session = session.newer)
      sessions.push(session.capture());
    return {
      length: sessions.length,
      row: (at) => {
        const { clientId, registeredAtIndex, lastActiveMs, settledBelow, seqs, saved } = sessions[at]!;
        const outcomes = saved.map((each, place) => [seqs[place]!, outcomeImage(each)] as const);
        return [clientId, registeredAtIndex, lastActiveMs, settledBelow, outcomes];
      },
      bytes: (at) => rowBytes * (1 + sessions[at]!.seqs.length),
    };
  }

  /** Goes on from the index that an image tells of. */
  restoreForgotten(forgottenIndex: number): void {
    this.forgotten = forgottenIndex;
  }

  /** @param decision tells what a key is decided to be */
  restore(image: readonly SessionImage[], decision: (key: string) => unknown): void {
    for (const [clientId, registeredAtIndex, lastActiveMs, settledBelow, outcomes] of image) {
      const session = this.add(new Session(clientId, registeredAtIndex));
      session.lastActiveMs = lastActiveMs;
      session.settle(settledBelow);
      for (const [seq, outcome] of outcomes)
        this.outcomes += session.keep(seq, restoreOutcome(outcome, decision), Infinity);
    }
  }

  private open(turn: Turn, { clientId, openedAtIndex }: SessionStamp): Session | undefined {
    if (openedAtIndex < this.forgotten) return undefined;
    // Whom this forgets was there before, so the new session's claim may be below what is forgotten now: it is
    // registered, and needs the claim no more.
    while (this.sessions.size >= this.limits.sessionsMax && this.order.oldest !== null) this.forgetOldest();
    return this.add(new Session(clientId, turn.index));
  }

  private add(session: Session): Session {
    this.sessions.set(session.clientId, session);
    this.order.append(session);
    return session;
  }

  private forgetOldest(): void {
    const { oldest } = this.order;
    if (oldest === null) return;
    this.order.remove(oldest);
    this.sessions.delete(oldest.clientId);
    this.outcomes -= oldest.outcomesKept;
    this.forgotten = Math.max(this.forgotten, oldest.registeredAtIndex);
  }
}

/** Whether the numbers are such as a client can have, at an entry that came after the session was opened. */
function isStamp({ seq, settledBelow, openedAtIndex }: SessionStamp, { index }: Turn): boolean {
  return (
    Number.isSafeInteger(seq) &&
    seq > 0 &&
    Number.isSafeInteger(settledBelow) &&
    Number.isSafeInteger(openedAtIndex) &&
    openedAtIndex < index
  );
}
