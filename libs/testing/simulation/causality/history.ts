import { type Channel, type SenderId, type Stamp } from '@nexus/core/causality';
import { hold } from '../violation.js';

/** What travels: the stamp is all that receivers may go by; the number is the simulation's own. */
export interface Letter {
  readonly number: number;
  readonly stamp: Stamp;
}

/** What was sent, and all that had happened before, wherever it happened (Lamport 1978). */
interface Sent {
  readonly letter: Letter;
  readonly atMs: number;
  readonly past: ReadonlySet<number>;
  /** Made up by who lies: nothing about it is so. */
  readonly isFalse: boolean;
  /** Its sender believed somebody who lied: it comes after what was not sent. */
  readonly isDeceived: boolean;
}

/** Which messages a process has sent, received or heard of, by way of whatever reached it. */
export class Past {
  private numbers = new Set<number>();

  add(number: number): void {
    this.numbers.add(number);
  }

  join(others: Iterable<number>): void {
    for (const number of others) this.numbers.add(number);
  }

  copy(): ReadonlySet<number> {
    return new Set(this.numbers);
  }
}

/** The truth about all messages of a run: their order is known here without any stamp. */
export class History {
  private readonly sent: Sent[] = [];
  private readonly byPlace = new Map<string, Sent>();

  get all(): readonly Sent[] {
    return this.sent;
  }

  /** Enters a message; its sender's past grows by it. */
  enter(stamp: Stamp, past: Past, atMs: number): Letter {
    const letter = { number: this.sent.length, stamp };
    const entry = { letter, atMs, past: past.copy(), isFalse: false, isDeceived: this.isDeceived(stamp) };
    this.sent.push(entry);
    past.add(letter.number);
    if (stamp.broadcast) {
      const place = placeOf(stamp.broadcast.channel, stamp.sender, stamp.broadcast.sequence);
      hold(!this.byPlace.has(place), 'no two broadcasts have the same place', () => place);
      this.byPlace.set(place, entry);
    }
    return letter;
  }

  /** A message that says of itself what is not so. */
  enterFalse(stamp: Stamp, atMs: number): Letter {
    const letter = { number: this.sent.length, stamp };
    this.sent.push({ letter, atMs, past: new Set(), isFalse: true, isDeceived: true });
    return letter;
  }

  private isDeceived({ after }: Stamp): boolean {
    for (const [channel, frontier] of after)
      for (const [sender, sequence] of frontier) if (!this.at(channel, sender, sequence)) return true;
    return false;
  }

  of(number: number): Sent {
    return this.sent[number]!;
  }

  at(channel: Channel, sender: SenderId, sequence: number): Sent | undefined {
    return this.byPlace.get(placeOf(channel, sender, sequence));
  }
}

const placeOf = (channel: Channel, sender: SenderId, sequence: number): string =>
  `${channel} ${sender} ${sequence}`;
