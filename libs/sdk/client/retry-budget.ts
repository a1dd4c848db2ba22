/** Requests that earn one repeat. */
const requestsARepeat = 10;
/** Repeats in hand at the start, and at most. */
const repeatsMax = 10;

/**
 * What the repeats of a whole client cost the service at most: a tenth of its requests, and ten on top. A single fault
 * is mended by a repeat; when all requests fail, the service is overloaded, and repeats keep it there. Counted in
 * requests, because tenths do not add up to one.
 */
export class RetryBudget {
  private earned = repeatsMax * requestsARepeat;

  /** A first try was made. */
  earn(): void {
    this.earned = Math.min(this.earned + 1, repeatsMax * requestsARepeat);
  }

  /** Pays for one repeat; false, and nothing paid, when the budget is used up. */
  spend(): boolean {
    if (this.earned < requestsARepeat) return false;
    this.earned -= requestsARepeat;
    return true;
  }
}
