import { type ErrorCode } from '@nexus/contracts';
import { DidNotHappen } from '../../waiting.js';

/** What the one who waits says himself when nobody answered. */
const silence: ReadonlySet<ErrorCode> = new Set(['deadline_exceeded', 'unavailable']);

/** Counts what a replica says: a trial of one that says nothing would find nothing, whatever is wrong with it. */
export class Heard {
  answers = 0;
  refusals = 0;

  /** @param code what the question failed with; undefined when it was answered */
  hear(code?: ErrorCode): void {
    if (code === undefined) this.answers += 1;
    else if (!silence.has(code)) this.refusals += 1;
  }

  /** @throws DidNotHappen when it said nothing at all */
  mustBeSomething(who: string): void {
    if (this.answers + this.refusals === 0) throw new DidNotHappen(`${who} says nothing when it wakes`);
  }
}
