import { type Answers } from './answers.js';
import { type Delivery, type Recipient } from './delivery.js';

/** Where an agent stands among those that a message was for. */
interface Place {
  readonly delivery: Delivery;
  readonly slot: number;
}

/** What came under one name: nearly always one message, for which no index is needed. */
interface Entry {
  readonly first: Delivery;
  readonly members: readonly Recipient[];
  places: Map<Recipient, Place> | undefined;
}

/** Names that are remembered; the oldest goes first. */
const entriesMax = 512;
/** Deliveries that are remembered under all of them. */
const deliveriesMax = 1_000_000;
/** Characters of the answers to all of them. */
const keptLengthMax = 32 * 1_024 * 1_024;
/** How long what nobody asks for any more may stay where no further message comes, in milliseconds. */
const sweepMs = 5_000;

/**
 * Who has had which message, so that nobody does the same work twice: a coordinator that gave up on one way tries another,
 * under the same name. Tasks are not among it: one coordination may have many for one agent. Remembered while the budget of
 * the first lasts; what comes once, as nearly all does, costs one entry for all agents together.
 */
export class Repeats {
  private readonly entries = new Map<string, Entry>();
  private deliveries = 0;
  private sweeping: NodeJS.Timeout | undefined;

  /**
   * Notes who is to get a message.
   * @returns those of them who have not had it; the others are answered with what came of it, where an answer is wanted
   */
  note(
    delivery: Delivery,
    members: readonly Recipient[],
    answers: Answers | undefined,
  ): readonly Recipient[] {
    const { kind } = delivery;
    if (kind === 'task' || kind === 'coordinate') return members;
    const name = `${kind} ${delivery.coordinationId}`;
    const entry = this.entries.get(name);
    if (!entry || entry.first.expired) {
      this.forget(name, entry);
      this.remember(name, { first: delivery, members, places: undefined });
      return members;
    }
    return this.among(entry, delivery, members, answers);
  }

  private among(
    entry: Entry,
    delivery: Delivery,
    members: readonly Recipient[],
    answers: Answers | undefined,
  ): readonly Recipient[] {
    entry.places ??= new Map(entry.members.map((member, slot) => [member, { delivery: entry.first, slot }]));
    const fresh: Recipient[] = [];
    for (const member of members) {
      const place = entry.places.get(member);
      if (!place) {
        entry.places.set(member, { delivery, slot: fresh.length });
        this.deliveries += 1;
        fresh.push(member);
        continue;
      }
      delivery.repeated();
      if (answers) place.delivery.repeat(member, place.slot, answers);
    }
    return fresh;
  }

  private remember(name: string, entry: Entry): void {
    this.entries.set(name, entry);
    this.deliveries += entry.members.length;
    this.sweepLater();
    let keptLength = 0;
    for (const { first } of this.entries.values()) keptLength += first.keptLength;
    for (const [oldest, known] of this.entries) {
      const full =
        this.entries.size > entriesMax || this.deliveries > deliveriesMax || keptLength > keptLengthMax;
      if (oldest === name || (!full && !known.first.expired)) return;
      keptLength -= known.first.keptLength;
      this.forget(oldest, known);
    }
  }

  /** One with much time left keeps those behind it; and when nothing comes any more, nobody else would look. */
  private sweepLater(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = undefined;
      for (const [name, entry] of this.entries) if (entry.first.expired) this.forget(name, entry);
      if (this.entries.size > 0) this.sweepLater();
    }, sweepMs).unref();
  }

  private forget(name: string, entry: Entry | undefined): void {
    if (!entry) return;
    this.entries.delete(name);
    this.deliveries -= entry.places?.size ?? entry.members.length;
  }
}
