import { type Stamp } from '@nexus/core/causality';

/** A delivered message that waits for its turn, or has it. */
export interface Turn<T> {
  readonly item: T;
  readonly stamp: Stamp;
  /** Unfinished turns that come before it, the last of each sender. */
  before: number;
  /** Turns that come after this one. */
  readonly followers: Turn<T>[];
}

/**
 * Gives delivered messages their turn: a message whose cause is still being handled waits for that, and messages that
 * know nothing of each other are handled side by side. Messages of one sender come one after the other, also those to
 * this agent alone, which no other stamp can name.
 *
 * Each turn waits for the last unfinished one of every sender that comes before it; whatever came before that one is
 * waited for by way of it. What is added is bounded by whoever adds.
 */
export class TurnOrder<T> {
  /** Unfinished turns of each sender, in the order of their delivery. */
  private readonly unfinished = new Map<string, Turn<T>[]>();
  private count = 0;
  private begun = 0;

  /** @param start is called once for each item, when all that comes before it has finished */
  constructor(private readonly start: (turn: Turn<T>) => void) {}

  /** Turns that are not finished. */
  get size(): number {
    return this.count;
  }

  /** Turns that have not come. */
  get waiting(): number {
    return this.count - this.begun;
  }

  /** Adds what was delivered, in the order of delivery. */
  add(item: T, stamp: Stamp): void {
    const turn: Turn<T> = { item, stamp, before: 0, followers: [] };
    for (const [sender, turns] of this.unfinished) {
      const last = sender === stamp.sender ? turns.at(-1) : lastCause(turns, stamp);
      if (!last) continue;
      last.followers.push(turn);
      turn.before += 1;
    }
    const ofSender = this.unfinished.get(stamp.sender);
    if (ofSender) ofSender.push(turn);
    else this.unfinished.set(stamp.sender, [turn]);
    this.count += 1;
    if (turn.before === 0) this.begin(turn);
  }

  /** Whoever waited for this turn alone has its own now. A second call does nothing. */
  finish(turn: Turn<T>): void {
    const ofSender = this.unfinished.get(turn.stamp.sender);
    const place = ofSender?.indexOf(turn) ?? -1;
    if (!ofSender || place < 0) return;
    ofSender.splice(place, 1);
    if (ofSender.length === 0) this.unfinished.delete(turn.stamp.sender);
    this.count -= 1;
    this.begun -= 1;
    for (const follower of turn.followers) {
      follower.before -= 1;
      if (follower.before === 0) this.begin(follower);
    }
  }

  /** Forgets all of them. @returns those whose turn had not come */
  clear(): T[] {
    const waiting = [...this.unfinished.values()].flat().filter(({ before }) => before > 0);
    this.unfinished.clear();
    this.count = 0;
    this.begun = 0;
    return waiting.map(({ item }) => item);
  }

  private begin(turn: Turn<T>): void {
    this.begun += 1;
    this.start(turn);
  }
}

/** The last of one sender's turns that the stamp says to come after. */
function lastCause<T>(turns: readonly Turn<T>[], { after }: Stamp): Turn<T> | undefined {
  return turns.findLast(({ stamp: { sender, broadcast } }) => {
    if (!broadcast) return false;
    return (after.get(broadcast.channel)?.get(sender) ?? 0) >= broadcast.sequence;
  });
}
