// Who was not running cannot tell who else was not (Dadgar et al. 2018, "Lifeguard": local health multiplier). Own
// lateness is the one sign of it that needs nobody else: a round that comes late judges nobody, and those after it
// judge more slowly until as many were in time.

/** A round is late when more than so many intervals have passed since the one before. */
const lateRounds = 2;
/** The score of ill health is at most this (the paper's 8). */
const scoreMax = 8;

export class LocalHealth {
  private lastRoundMs: number | null = null;
  private score = 0;

  constructor(private readonly roundMs: number) {}

  /** By how much a round that began now would be late, in milliseconds; 0: in time. */
  lateMs(nowMs: number): number {
    const elapsedMs = this.lastRoundMs === null ? 0 : nowMs - this.lastRoundMs;
    if (elapsedMs <= lateRounds * this.roundMs) return 0;
    return elapsedMs - this.roundMs;
  }

  /** A round begins. @returns `lateMs` */
  beginRound(nowMs: number): number {
    const lateMs = this.lateMs(nowMs);
    this.lastRoundMs = nowMs;
    if (lateMs === 0) {
      this.score = Math.max(0, this.score - 1);
      return 0;
    }
    this.score = Math.min(scoreMax, this.score + Math.ceil(lateMs / this.roundMs));
    return lateMs;
  }

  /** By what every time-out is to be multiplied: 1 in good health. */
  get stretch(): number {
    return 1 + this.score;
  }
}
