import { type Hole } from './holes.js';
import { type Gap, type Repair } from './receiving.js';
import { type SenderRecord } from './sender-record.js';

export interface RepairRules {
  readonly repairEveryMs: number;
  readonly repairsMax: number;
  readonly aheadMax: number;
}

/** Asks of one step; the others go a little later, uncounted. */
const repairsAtOnceMax = 64;

/** Asks for what is missing for long enough; after the last ask it is given up. */
export function repairDue<M>(
  open: Iterable<SenderRecord<M>>,
  rules: RepairRules,
  nowMs: number,
): { readonly repairs: Repair[]; readonly gaps: Gap[] } {
  const repairs: Repair[] = [];
  const gaps: Gap[] = [];
  for (const record of open) {
    for (const hole of record.holes.all) {
      if (hole.dueAtMs > nowMs) continue;
      if (hole.asks >= rules.repairsMax) {
        const { channel, sender } = record;
        if (!record.giveUp(hole)) gaps.push({ channel, sender, from: hole.from, to: hole.to });
        continue;
      }
      hole.dueAtMs = nowMs + rules.repairEveryMs;
      if (repairs.length >= repairsAtOnceMax) continue;
      repairs.push(repairOf(record, hole, rules));
      hole.asks += 1;
      hole.isSpared = false;
    }
  }
  return { repairs, gaps };
}

/** Who is asked does not have it: the next ask goes to everybody, now. */
export function notKept<M>(
  record: SenderRecord<M>,
  keptFrom: number,
  rules: RepairRules,
  nowMs: number,
): void {
  for (const hole of record.holes.all) {
    if (hole.from >= keptFrom || hole.asks === 0 || hole.asks >= asksOfSender(rules)) continue;
    hole.asks = asksOfSender(rules);
    hole.dueAtMs = nowMs;
  }
}

/** It came, and there was no room for it: who had it is asked again, with all tries. */
export function turnedAway<M>(record: SenderRecord<M>, sequence: number, rules: RepairRules): void {
  record.turnAway(sequence, asksOfSender(rules));
}

function repairOf<M>({ channel, sender }: SenderRecord<M>, hole: Hole, rules: RepairRules): Repair {
  const of = hole.asks < asksOfSender(rules) ? 'sender' : 'everybody';
  // What is only claimed may be of any length.
  const to = Math.min(hole.to, hole.from + rules.aheadMax - 1);
  return { channel, sender, from: hole.from, to, of };
}

/** It is the one that must have it; it may be gone. */
function asksOfSender({ repairsMax }: RepairRules): number {
  return Math.ceil(repairsMax / 2);
}
