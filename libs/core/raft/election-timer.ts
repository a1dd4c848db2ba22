export interface ElectionTicks {
  readonly electionTicksMin: number;
  readonly electionTicksMax: number;
  readonly random: () => number;
}

/**
 * Raft, §5.2: who hears nothing for a while stands for election. The while is drawn anew each time, so that two members
 * that collided once do not collide for ever. There is one timer for the life of a member and it is never stopped, only
 * restarted: none can be forgotten after a step-down, and no stale one can fire.
 */
export class ElectionTimer {
  private elapsedTicks = 0;
  private limit = 0;

  constructor(private readonly ticks: ElectionTicks) {
    this.restart();
  }

  restart(): void {
    const { electionTicksMin: min, electionTicksMax: max, random } = this.ticks;
    this.elapsedTicks = 0;
    this.limit = min + Math.floor(random() * (max - min));
  }

  tick(): void {
    this.elapsedTicks++;
  }

  get expired(): boolean {
    return this.elapsedTicks >= this.limit;
  }
}
