import { type MemberId } from '@nexus/contracts';

interface Waiting {
  readonly key: string;
  readonly member: MemberId;
}

/** Members' values of keys that are to be looked at again: their time has not come yet. */
export class Postponed {
  private readonly timers = new Map<string, Waiting & { readonly timer: NodeJS.Timeout }>();

  constructor(
    private readonly lookAgain: (waiting: Waiting) => void,
    private readonly waitingMax = 256,
  ) {}

  /** What finds no room waits for whatever else happens to the key. */
  add(waiting: Waiting, waitMs: number): void {
    this.drop(waiting);
    if (this.timers.size >= this.waitingMax) return;
    const timer = setTimeout(() => {
      this.drop(waiting);
      this.lookAgain(waiting);
    }, waitMs).unref();
    this.timers.set(nameOf(waiting), { ...waiting, timer });
  }

  drop(waiting: Waiting): void {
    clearTimeout(this.timers.get(nameOf(waiting))?.timer);
    this.timers.delete(nameOf(waiting));
  }

  /** Whose values of a key wait. */
  of(key: string): MemberId[] {
    return [...this.timers.values()].filter((waiting) => waiting.key === key).map(({ member }) => member);
  }
}

const nameOf = ({ key, member }: Waiting) => JSON.stringify([key, member]);
