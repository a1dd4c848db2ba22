/** How long an agent that nobody listened for is left out, in milliseconds; doubled each time until it answers. */
const restMsMin = 1_000;
const restMsMax = 30_000;

interface Absence {
  /** Of the agent's row when it was not there: a newer one means that it is back. */
  readonly version: number;
  /** Times that it was not there, without an answer between them. */
  readonly times: number;
  /** Until it is tried again; undefined while it is. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Agents that nobody listened for. Whoever comes back may tell nobody: an agent whose connection was cut for a moment goes
 * on with its heartbeats, and its row stays as it was. So each is tried again after a while.
 */
export class Absences {
  private readonly absences = new Map<string, Absence>();

  /** @param onRetry told of each agent that may be tried again */
  constructor(private readonly onRetry: (agentId: string) => void) {}

  /** Whether the agent is left out now. */
  has(agentId: string): boolean {
    return this.absences.get(agentId)?.timer !== undefined;
  }

  /** Nobody listens where the agent should be. What was sent before that was known says nothing new. */
  note(agentId: string, version: number): void {
    if (this.has(agentId)) return;
    const times = this.absences.get(agentId)?.times ?? 0;
    const absence: Absence = { version, times: times + 1, timer: undefined };
    const restMs = Math.min(restMsMax, restMsMin * 2 ** times);
    absence.timer = setTimeout(() => {
      absence.timer = undefined;
      this.onRetry(agentId);
    }, restMs).unref();
    this.absences.set(agentId, absence);
  }

  /** The agent's row is of this version. Returns whether the agent is left out all the same. */
  outlasts(agentId: string, version: number): boolean {
    if (this.has(agentId) && version <= this.absences.get(agentId)!.version) return true;
    this.forget(agentId);
    return false;
  }

  /** The agent answered, or is registered no more. */
  forget(agentId: string): void {
    const absence = this.absences.get(agentId);
    if (absence === undefined) return;
    clearTimeout(absence.timer);
    this.absences.delete(agentId);
  }

  clear(): void {
    for (const { timer } of this.absences.values()) clearTimeout(timer);
    this.absences.clear();
  }
}
