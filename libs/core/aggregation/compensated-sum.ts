/*
 * Neumaier's summation (A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
 * ZAMM 54, 1974): what each addition rounds away is summed beside. The error stays at a rounding or two, not growing
 * with the number of values.
 *
 * Huge values go to a second sum, scaled down, so that 1e308 + 1e308 - 1e308 does not overflow on its way.
 */
const huge = 2 ** 900;
const scale = 2 ** 100;

class Neumaier {
  sum = 0;
  lost = 0;

  add(value: number): void {
    const next = this.sum + value;
    this.lost += Math.abs(this.sum) >= Math.abs(value) ? this.sum - next + value : value - next + this.sum;
    this.sum = next;
  }
}

/** What a sum knows: the ordinary part and what rounding took from it, then the same of the part that is scaled down. */
export type SumState = readonly [number, number, number, number];

/** Sum of finite numbers, to within a rounding or two, whatever their order and size. */
export class CompensatedSum {
  private readonly ordinary = new Neumaier();
  private readonly scaledDown = new Neumaier();

  /** @param value finite */
  add(value: number): void {
    if (Math.abs(value) < huge) this.ordinary.add(value);
    else this.scaledDown.add(value / scale);
  }

  get state(): SumState {
    const { ordinary, scaledDown } = this;
    return [ordinary.sum, ordinary.lost, scaledDown.sum, scaledDown.lost];
  }

  /** Adds another sum. What rounding took from it is added too, so that a sum of sums is as good as one. */
  absorb([sum, lost, hugeSum, hugeLost]: SumState): void {
    this.add(sum);
    this.add(lost);
    this.scaledDown.add(hugeSum);
    this.scaledDown.add(hugeLost);
  }

  /** The sum divided by `divisor`; dividing first keeps a mean finite where the sum is not. */
  dividedBy(divisor: number): number {
    const { ordinary, scaledDown } = this;
    // Of scaled values the two parts are joined before they are scaled back: each alone might overflow.
    const hugePart = ((scaledDown.sum + scaledDown.lost) / divisor) * scale;
    if (!Number.isFinite(hugePart)) return hugePart;
    const total = new Neumaier();
    for (const part of [hugePart, ordinary.sum / divisor, ordinary.lost / divisor]) total.add(part);
    return Number.isFinite(total.sum) ? total.sum + total.lost : total.sum;
  }
}

/**
 * Whether so many numbers can have come to this state. Beyond these bounds, twice what they can come to, parts of a sum
 * might overflow where the sum does not.
 */
export function isSumState(state: readonly number[] | undefined, n: number): state is SumState {
  if (state?.length !== 4) return false;
  const bounds = [huge, huge, Number.MAX_VALUE / scale, Number.MAX_VALUE / scale];
  return state.every((part, at) => Math.abs(part) <= 2 * n * bounds[at]!);
}
