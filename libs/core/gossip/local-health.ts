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

  /** A round begins. @returns by how much it is late, in milliseconds; 0: in time */
  beginRound(nowMs: number): number {
    const elapsedMs = this.lastRoundMs === null ? 0 : nowMs - this.lastRoundMs;
    this.lastRoundMs = nowMs;
    if (elapsedMs <= lateRounds * this.roundMs) {
      this.score = Math.max(0, this.score - 1);
      return 0;
    }
    const lateMs = elapsedMs - this.roundMs;
    this.score = Math.min(scoreMax, this.score + Math.ceil(lateMs / this.roundMs));
    return lateMs;
  }

  /** By what every time-out is to be multiplied: 1 in good health. */
  get stretch(): number {
    return 1 + this.score;
  }
}
