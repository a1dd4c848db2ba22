/** Half of a round's bytes are kept for answers, whoever asks. */
const askingShare = 1 / 2;
/** An answer takes no more than this of what is left: whoever asks next gets one, too. */
const answerShare = 1 / 4;

export interface RoundBudgetOptions {
  readonly roundBytesMax: number;
  readonly messageBytesMax: number;
  /** A message may always be so large when that much is left: the largest single change must get through. */
  readonly messageBytesMin: number;
}

/** What may still be sent until the next round. */
export class RoundBudget {
  private left: number;

  constructor(private readonly options: RoundBudgetOptions) {
    this.left = options.roundBytesMax;
  }

  refill(): void {
    this.left = this.options.roundBytesMax;
  }

  spend(bytes: number): void {
    this.left -= bytes;
  }

  /** How large each of `contacts` messages that begin an exchange may be. */
  forAsking(contacts: number): number {
    const { roundBytesMax, messageBytesMax } = this.options;
    return Math.min(messageBytesMax, this.left, Math.floor((roundBytesMax * askingShare) / contacts));
  }

  /** How large the next answer may be. */
  forAnswer(): number {
    const { messageBytesMin, messageBytesMax } = this.options;
    return Math.min(
      messageBytesMax,
      this.left,
      Math.max(messageBytesMin, Math.floor(this.left * answerShare)),
    );
  }

  /** What may still be sent at all. */
  get rest(): number {
    return this.left;
  }
}
