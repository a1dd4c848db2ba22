import { type Channel, type Gap, idOfSender, type SenderId } from '@nexus/core/causality';
import { type Coverage } from '../coverage.js';
import { type Trouble } from '../trouble.js';
import { hold } from '../violation.js';
import { type History, type Letter } from './history.js';
import { type Listener, startOf } from './listener.js';

/** Who has kept a broadcast, and since when. */
export interface Keeper {
  readonly name: string;
  readonly keptSinceMs: (letter: Letter) => number | undefined;
}

interface JudgeOptions {
  readonly history: History;
  readonly trouble: Trouble;
  readonly coverage: Coverage;
  readonly nowMs: () => number;
  /** The time that all repairs of one broadcast take. */
  readonly repairMs: number;
  /** The least time, when who is asked has it not. */
  readonly patienceMs: number;
  readonly keepers: () => readonly Keeper[];
  /** Whether somebody was told of broadcasts that never were. */
  readonly areLiesTold: () => boolean;
}

/** Who finds no room for something so often may give it up, though it is to be had. */
const sparedAsks = 64;

/** Causal order, once each, and nothing given up that could be had. */
export class Judge {
  constructor(private readonly options: JudgeOptions) {}

  delivered(listener: Listener, letter: Letter): void {
    const { number, stamp } = letter;
    hold(
      !listener.delivered.has(number),
      'each message is delivered once',
      () => `${listener.name} delivers ${describe(letter)} again`,
    );
    if (stamp.broadcast) {
      this.judgeOrder(listener, letter);
      this.judgePlace(listener, letter, stamp.broadcast);
    }
    listener.delivered.set(number, letter);
    listener.ownWaiting.delete(number);
  }

  /** Nobody waits for a message to somebody else. */
  private judgeOrder(listener: Listener, letter: Letter): void {
    const { history } = this.options;
    // Who was deceived waits for what never was; so may, for a while, what waits for it.
    if (this.wasGivenUp(listener, letter, -Infinity) || history.of(letter.number).isDeceived) return;
    for (const earlier of listener.delivered.values())
      hold(
        !history.of(earlier.number).past.has(letter.number) || this.wasInCircle(earlier),
        'what happened before is delivered before',
        () => `${listener.name} delivers ${describe(letter)} after ${describe(earlier)}`,
      );
  }

  /**
   * Somebody that was deceived says that it comes after this one, which came after it. Such a circle is opened, and who of
   * it was honest cannot always be told.
   */
  private wasInCircle({ number, stamp: { sender, broadcast } }: Letter): boolean {
    const { history, coverage } = this.options;
    if (!broadcast) return false;
    const isInCircle = [...history.of(number).past].some((before) => {
      const { letter, isDeceived } = history.of(before);
      const claimed = letter.stamp.after.get(broadcast.channel)?.get(sender) ?? 0;
      return isDeceived && claimed >= broadcast.sequence;
    });
    if (isInCircle) coverage.count('causality: let out of a circle');
    return isInCircle;
  }

  private judgePlace(
    listener: Listener,
    letter: Letter,
    { channel, sequence }: { readonly channel: Channel; readonly sequence: number },
  ): void {
    hold(
      listener.channels.includes(channel),
      'only broadcasts of own channels are delivered',
      () => `${listener.name} delivers ${describe(letter)}`,
    );
    const place = startOf(channel, letter.stamp.sender);
    const start = Math.min(listener.starts.get(place) ?? 0, (listener.cameEarly.get(place) ?? Infinity) - 1);
    hold(
      sequence > start,
      'who begins to listen begins where the senders stand',
      () => `${listener.name} delivers ${describe(letter)}, and began after ${start}`,
    );
  }

  gap(listener: Listener, gap: Gap): void {
    const { history, coverage, nowMs, areLiesTold, patienceMs } = this.options;
    coverage.count('causality: gaps');
    for (let sequence = gap.from; sequence <= Math.min(gap.to, gap.from + 100); sequence++) {
      const sent = history.at(gap.channel, gap.sender, sequence);
      const text = () => `${listener.name} gives up ${gap.channel} ${sequence} of ${gap.sender}`;
      hold(sent !== undefined || areLiesTold(), 'nothing is given up that never was', text);
      if (!sent) continue;
      hold(!listener.delivered.has(sent.letter.number), 'nothing is given up that was delivered', text);
      hold(
        areLiesTold() || nowMs() >= sent.atMs + patienceMs,
        'nothing is given up before it was asked for',
        text,
      );
      const keeper = this.keeperFor(listener, sent.letter);
      hold(
        keeper === undefined,
        'nothing is given up that somebody kept, and could be asked for',
        () => `${text()}: ${keeper!.name} has it`,
      );
    }
    listener.gaps.push({ gap, atMs: nowMs() });
  }

  /** Turned away as sent before the listener began: nothing is that was sent since its wait was over. */
  beforeStart(listener: Listener, letter: Letter): void {
    const { atMs, isFalse } = this.options.history.of(letter.number);
    const { channel, sequence } = letter.stamp.broadcast!;
    if (sequence <= (listener.lateWords.get(startOf(channel, letter.stamp.sender)) ?? 0)) return;
    if (isFalse || listener.delivered.has(letter.number) || this.isGivenUp(listener, letter)) return;
    hold(
      atMs <= listener.waitedUntilMs,
      'nothing sent after the wait counts as before the start',
      () => `${listener.name} turns ${describe(letter)} away, and waited until ${listener.waitedUntilMs} ms`,
    );
  }

  /** At the end: what a listener had to get, it got, or it said that it could not. */
  missing(listener: Listener, livingSenders: ReadonlySet<SenderId>): Letter | undefined {
    return this.options.history.all.find(({ letter, atMs, isFalse }) => {
      const { broadcast, sender } = letter.stamp;
      if (isFalse || !broadcast || !listener.channels.includes(broadcast.channel)) return false;
      if (!livingSenders.has(sender) || atMs <= listener.begunAtMs) return false;
      return !listener.delivered.has(letter.number) && !this.isGivenUp(listener, letter);
    })?.letter;
  }

  /** A sender lets go what everybody has: all of them must have it, or not be meant. */
  pruned(letter: Letter, listeners: readonly Listener[]): void {
    const { history, coverage } = this.options;
    coverage.count('causality: pruned as stable');
    for (const listener of listeners) {
      const isMeant = history.of(letter.number).atMs > listener.begunAtMs;
      const { channel, sequence } = letter.stamp.broadcast!;
      const start = listener.starts.get(startOf(channel, letter.stamp.sender)) ?? 0;
      hold(
        !isMeant ||
          sequence <= start ||
          listener.delivered.has(letter.number) ||
          this.isGivenUp(listener, letter),
        'what is let go as stable is delivered everywhere',
        () => `${describe(letter)}: ${listener.name} has not got it`,
      );
    }
  }

  private isGivenUp(listener: Listener, letter: Letter): boolean {
    return this.wasGivenUp(listener, letter, this.options.history.of(letter.number).atMs);
  }

  /** A liar may have claimed it before it was sent: then it was given up before. */
  private wasGivenUp(listener: Listener, { stamp }: Letter, sinceMs: number): boolean {
    const { broadcast, sender } = stamp;
    return (
      broadcast !== undefined &&
      listener.gaps.some(
        ({ gap, atMs }) =>
          gap.channel === broadcast.channel &&
          gap.sender === sender &&
          gap.from <= broadcast.sequence &&
          broadcast.sequence <= gap.to &&
          atMs >= sinceMs,
      )
    );
  }

  /** Of a sender that is gone only the asks of everybody are left, and the few that follow may all be lost on the way. */
  private hasItsSender(letter: Letter): boolean {
    const name = idOfSender(letter.stamp.sender);
    return this.options
      .keepers()
      .some((keeper) => keeper.name === name && keeper.keptSinceMs(letter) !== undefined);
  }

  /** Somebody who had it all the time that it was asked for, and nobody was in trouble. */
  private keeperFor(listener: Listener, letter: Letter): Keeper | undefined {
    const { trouble, nowMs, repairMs, keepers, history, areLiesTold } = this.options;
    const sinceMs = nowMs() - repairMs;
    // Who was lied to may hold what waits for each other, and have room for nothing else until some of it is given up.
    const turnedAway = listener.turnedAway.get(letter.number) ?? 0;
    if (turnedAway >= (areLiesTold() || !this.hasItsSender(letter) ? 1 : sparedAsks)) return undefined;
    if (trouble.since(listener.name, sinceMs) || history.of(letter.number).atMs < listener.startedAtMs)
      return undefined;
    return keepers().find(
      (keeper) =>
        keeper.name !== listener.name &&
        !trouble.since(keeper.name, sinceMs) &&
        (keeper.keptSinceMs(letter) ?? Infinity) <= sinceMs,
    );
  }
}

export function describe({ number, stamp: { sender, broadcast } }: Letter): string {
  return `#${number} of ${sender}${broadcast ? ` (${broadcast.channel} ${broadcast.sequence})` : ''}`;
}
