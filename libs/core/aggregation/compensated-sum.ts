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

/** Sum of finite numbers, to within a rounding or two, whatever their order and size. */
export class CompensatedSum {
  private readonly ordinary = new Neumaier();
  private readonly scaledDown = new Neumaier();

  /** @param value finite */
  add(value: number): void {
    if (Math.abs(value) < huge) this.ordinary.add(value);
    else this.scaledDown.add(value / scale);
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
