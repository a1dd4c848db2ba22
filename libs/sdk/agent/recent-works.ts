import { type AgentMessage } from '@nexus/contracts';
import { type Work } from './work.js';

/** What came under one name: of which agent, and what came of it. */
export class Recent {
  private readonly works: Work[] = [];
  /** Made once somebody asks: nearly everything comes once. */
  private byOwner: Map<object, Work> | undefined;

  constructor(private readonly untilMs: number) {}

  get size(): number {
    return this.works.length;
  }

  /** What the answers took as they were sent, in bytes. */
  get answerBytes(): number {
    let bytes = 0;
    for (const work of this.works) bytes += work.answerBytes;
    return bytes;
  }

  expiredAt(nowMs: number): boolean {
    return nowMs >= this.untilMs;
  }

  add(work: Work): void {
    this.works.push(work);
    if (work.owner) this.byOwner?.set(work.owner, work);
  }

  /** The message as this agent has had it. */
  of(owner: object): Work | undefined {
    this.byOwner ??= new Map(this.works.flatMap((work) => (work.owner ? [[work.owner, work] as const] : [])));
    const work = this.byOwner.get(owner);
    return work?.dropped ? undefined : work;
  }
}

/** Names that are remembered; the oldest goes first. */
const namesMax = 512;
/** Messages that are remembered under all of them. */
const worksMax = 100_000;
/** The answers to all of them, in bytes. */
const answerBytesMax = 32 * 1_024 * 1_024;
/** Counting them costs a look at all: now and then is often enough. */
const namesBetweenCounts = 16;
/** How long what nobody asks for any more may stay where no further message comes, in milliseconds. */
const sweepMs = 5_000;

/**
 * Messages that agents of one connection were sent lately, so that nobody does the same work twice: a coordinator that gave
 * up on one way tries another, under the same name. Tasks are not among them: one coordination may have many for one
 * agent. Remembered while the budget of the first lasts; what a whole group is told costs one entry.
 */
export class RecentWorks {
  private readonly names = new Map<string, Recent>();
  private noted = 0;
  private sweeping: NodeJS.Timeout | undefined;

  /** What is known under the name of a message; undefined for what may come again. */
  under({ kind, coordinationId, budgetMs, relayed }: AgentMessage, nowMs: number): Recent | undefined {
    if (kind === 'task' || kind === 'coordinate') return undefined;
    const name = kind.charAt(0) + coordinationId;
    const known = this.names.get(name);
    if (known && !known.expiredAt(nowMs)) return known;
    // Nexus itself, which may ask again, has more time than who is asked over a relay.
    const recent = new Recent(nowMs + (relayed ? 2 * budgetMs : budgetMs));
    this.names.delete(name);
    this.names.set(name, recent);
    this.forget(nowMs);
    return recent;
  }

  /** Lets go of what nobody asks for any more, and of the oldest when it is too much. */
  private forget(nowMs: number): void {
    this.sweepLater();
    let works = 0;
    let answerBytes = 0;
    this.noted += 1;
    if (this.noted % namesBetweenCounts === 0) {
      for (const recent of this.names.values()) {
        works += recent.size;
        answerBytes += recent.answerBytes;
      }
    }
    for (const [name, recent] of this.names) {
      const tooMuch = this.names.size > namesMax || works > worksMax || answerBytes > answerBytesMax;
      if (this.names.size === 1 || (!tooMuch && !recent.expiredAt(nowMs))) return;
      this.names.delete(name);
      works -= recent.size;
      answerBytes -= recent.answerBytes;
    }
  }

  /** One with much time left keeps those behind it; and when nothing comes any more, nobody else would look. */
  private sweepLater(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = undefined;
      const nowMs = performance.now();
      for (const [name, recent] of this.names) if (recent.expiredAt(nowMs)) this.names.delete(name);
      if (this.names.size > 0) this.sweepLater();
    }, sweepMs).unref();
  }
}
