/** Names that are believed at once without being known; a fleet starts fewer processes in a moment. */
const strangersMaxDefault = 16;
/** How long a name keeps its place, in milliseconds: gossip introduces whoever exists far sooner. */
const patienceMsDefault = 60_000;

/**
 * Names that nobody has introduced yet. Of a process that has just started an answer, or a caller, may tell before gossip
 * does, and what comes after its messages must come after them from the first one on. So a few are believed; an inventor of
 * names takes these places, and no more.
 */
export class Strangers {
  /** Since when, by name; the oldest first. */
  private readonly since = new Map<string, number>();

  constructor(
    private readonly strangersMax = strangersMaxDefault,
    private readonly patienceMs = patienceMsDefault,
  ) {}

  /** Whether a name that is not known is believed all the same. */
  admit(name: string): boolean {
    if (this.since.has(name)) return true;
    const nowMs = performance.now();
    for (const [known, sinceMs] of this.since) {
      if (nowMs - sinceMs < this.patienceMs) break;
      this.since.delete(known);
    }
    if (this.since.size >= this.strangersMax) return false;
    this.since.set(name, nowMs);
    return true;
  }
}
