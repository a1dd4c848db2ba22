import { type Step } from './fault.js';
import { type Timeline } from './timeline.js';

/** Carries out the steps of a schedule at their time, and ends what still lasts when the world is to heal. */
export class Schedule<F> {
  private readonly lasting = new Set<() => void>();
  private isOver = false;

  constructor(
    private readonly timeline: Timeline,
    steps: readonly Step<F>[],
    /** Returns what ends it. */
    private readonly begin: (fault: F, step: Step<F>) => () => void,
  ) {
    for (const step of steps) timeline.after(step.atMs, () => this.carryOut(step));
  }

  /** Ends everything; what has not begun never will. */
  heal(): void {
    this.isOver = true;
    for (const end of this.lasting) end();
    this.lasting.clear();
  }

  private carryOut(step: Step<F>): void {
    if (this.isOver) return;
    const end = this.begin(step.fault, step);
    this.lasting.add(end);
    this.timeline.after(step.forMs, () => {
      if (this.lasting.delete(end)) end();
    });
  }
}
