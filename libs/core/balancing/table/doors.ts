import { BitSet } from './bit-set.js';
import { widened } from './columns.js';

/** Why an agent gets no work now; several may hold at once. */
export const shutBy = {
  /** As much is in flight as it works on at once. */
  window: 1,
  /** It refused, and said when to come back. */
  refusal: 2,
  ejection: 4,
  /** It is back from ejection on trial, and the one request of the trial is under way. */
  trial: 8,
  /** No agent has the slot. */
  absence: 16,
  /** Somebody else, who sees more than one coordinator does, says that it is to get nothing for now. */
  probation: 32,
} as const;

const takenOut = shutBy.ejection | shutBy.probation;
const suspicion = takenOut | shutBy.trial;

/**
 * Who may be given work: a byte of reasons a slot for looking at one, and the same as sets of bits for finding one among
 * many. Every reason is kept up to date as it changes, so that a pick needs no clock.
 */
export class Doors {
  private reasons = new Uint8Array(8).fill(shutBy.absence);
  private readonly open = new BitSet();
  /** Open, or shut by suspicion alone. */
  private readonly openInPanic = new BitSet();
  private readonly ejected = new BitSet();
  private changes = 0;

  /** Counts what happens to the set of ejected ones, by whomever. */
  get ejectionChanges(): number {
    return this.changes;
  }

  get ejectedCount(): number {
    return this.ejected.size;
  }

  grow(capacity: number): void {
    this.reasons = widened(this.reasons, capacity, shutBy.absence);
  }

  shut(slot: number, reason: number): void {
    this.change(slot, this.reasons[slot]! | reason);
  }

  unshut(slot: number, reason: number): void {
    this.change(slot, this.reasons[slot]! & ~reason);
  }

  set(slot: number, reason: number, isShut: boolean): void {
    if (isShut) this.shut(slot, reason);
    else this.unshut(slot, reason);
  }

  /** A new life begins, or ends, with one reason or none. */
  reset(slot: number, reason: number): void {
    this.change(slot, reason);
  }

  isShutBy(slot: number, reason: number): boolean {
    return (this.reasons[slot]! & reason) !== 0;
  }

  /** Whether it may be given work; in panic suspicion does not count. */
  isOpen(slot: number, isPanic: boolean): boolean {
    const reasons = this.reasons[slot]!;
    return (isPanic ? reasons & ~suspicion : reasons) === 0;
  }

  /** Those that may be given work. */
  allOpen(isPanic: boolean): BitSet {
    return isPanic ? this.openInPanic : this.open;
  }

  countEjected(members: BitSet): number {
    return this.ejected.size === 0 ? 0 : members.countCommon(this.ejected);
  }

  private change(slot: number, reasons: number): void {
    const before = this.reasons[slot]!;
    if (before === reasons) return;
    this.reasons[slot] = reasons;
    put(this.open, slot, reasons === 0);
    put(this.openInPanic, slot, (reasons & ~suspicion) === 0);
    if (((before & takenOut) === 0) === ((reasons & takenOut) === 0)) return;
    put(this.ejected, slot, (reasons & takenOut) !== 0);
    this.changes++;
  }
}

function put(set: BitSet, slot: number, isMember: boolean): void {
  if (isMember) set.add(slot);
  else set.delete(slot);
}
