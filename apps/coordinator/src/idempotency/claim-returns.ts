import { setTimeout as pause } from 'node:timers/promises';
import { type OutcomeStore } from './outcome-store.js';

export type ReturnedClaim = Parameters<OutcomeStore['release']>[0];

/** Claims that may wait at once; more are left to the end of their lease. */
const waitingMax = 1_000;
const triesMax = 60;
const retryWaitMsDefault = 1_000;

/** Gives claims back of which nothing came; while the store does not answer, again and again in the background. */
export class ClaimReturns {
  private waiting = 0;

  constructor(
    private readonly store: Pick<OutcomeStore, 'release'>,
    private readonly retryWaitMs = retryWaitMsDefault,
  ) {}

  /** Resolves after the first try, whatever came of it. */
  async giveBack(claim: ReturnedClaim): Promise<void> {
    if ((await this.isBack(claim)) || this.waiting === waitingMax) return;
    this.waiting += 1;
    void this.insist(claim).finally(() => {
      this.waiting -= 1;
    });
  }

  private async insist(claim: ReturnedClaim): Promise<void> {
    for (let tries = 1; tries < triesMax; tries += 1) {
      // A claim that outlives its process ends with its lease: no reason to stay up.
      await pause(this.retryWaitMs, undefined, { ref: false });
      if (await this.isBack(claim)) return;
    }
  }

  private isBack(claim: ReturnedClaim): Promise<boolean> {
    return this.store.release(claim).then(
      () => true,
      () => false,
    );
  }
}
