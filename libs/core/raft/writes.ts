import { assert } from '@nexus/core/invariant';

interface Outstanding {
  readonly sequence: number;
  readonly issuedTick: number;
}

/** The numbered writes of a process: which are under way, and since when. They become durable in order. */
export class Writes {
  private issued = 0;
  private confirmed = 0;
  private readonly outstanding: Outstanding[] = [];

  /** The number of the write that the present step will issue, if it changes anything. */
  get next(): number {
    return this.issued + 1;
  }

  isDurable(sequence: number): boolean {
    return sequence <= this.confirmed;
  }

  issue(tick: number): number {
    this.issued++;
    this.outstanding.push({ sequence: this.issued, issuedTick: tick });
    return this.issued;
  }

  confirm(sequence: number): void {
    assert(sequence <= this.issued, 'only what was issued can be written');
    this.confirmed = Math.max(this.confirmed, sequence);
    let done = 0;
    while (done < this.outstanding.length && this.outstanding[done]!.sequence <= sequence) done++;
    this.outstanding.splice(0, done);
  }

  /** How long the oldest write has been under way, in ticks; 0 when none is. */
  oldestTicks(tick: number): number {
    const [oldest] = this.outstanding;
    return oldest === undefined ? 0 : tick - oldest.issuedTick;
  }
}
