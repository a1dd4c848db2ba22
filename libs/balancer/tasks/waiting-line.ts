import { type Selection } from '../fleet/selection.js';

/** A run that has work and found no agent with room. */
export interface Waiting {
  /** Sends what agents have room for; returns whether those who wait behind may find room as well. */
  pump(): boolean;
  /** Whether it has work left that no agent has. */
  readonly waits: boolean;
}

/** Doors that open by the clock, as after a refusal, are looked at so often, in milliseconds. */
const lookEveryMs = 10;

/** First come, first served among those who choose from the same agents. */
export class WaitingLine {
  private readonly lines = new Map<Selection, Set<Waiting>>();
  private timer: NodeJS.Timeout | undefined;
  private serving = false;

  /** Runs that wait. */
  get length(): number {
    let length = 0;
    for (const line of this.lines.values()) length += line.size;
    return length;
  }

  /** Puts a run at the end of its line; one that stands in it stays where it is. */
  join(selection: Selection, waiting: Waiting): void {
    const line = this.lines.get(selection);
    if (line) line.add(waiting);
    else this.lines.set(selection, new Set([waiting]));
    this.timer ??= setInterval(() => this.roomMade(), lookEveryMs).unref();
  }

  leave(selection: Selection, waiting: Waiting): void {
    const line = this.lines.get(selection);
    if (!line?.delete(waiting) || line.size > 0) return;
    this.lines.delete(selection);
    if (this.lines.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** An agent has room again, or there is a new one: serves the lines in turn, each from its head. */
  roomMade(): void {
    // What is sent here may end at once, and make room again.
    if (this.serving || this.lines.size === 0) return;
    this.serving = true;
    try {
      for (const [selection, line] of this.lines) this.serve(selection, line);
    } finally {
      this.serving = false;
    }
  }

  /** Until nobody has room: those behind choose from the same agents. One that waits for others holds nobody up. */
  private serve(selection: Selection, line: ReadonlySet<Waiting>): void {
    for (const waiting of line) {
      const hasRoom = waiting.pump();
      if (!waiting.waits) this.leave(selection, waiting);
      if (!hasRoom) return;
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.lines.clear();
  }
}
