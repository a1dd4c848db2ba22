/*
 * Number k goes to candidate k mod n: with one counter for all coordinators, that is one round robin of all together, and
 * of equal agents each gets its turn, newcomers too: whoever asks for round robin counts on it. Where that one may not be
 * given work, or its weight is below that of the heaviest and the lot falls against it, the number is scattered and tried
 * again: its turns are spread over all others, and not heaped on the next in line.
 */
import { type Balancer, noAgent } from '../balancer.js';
import { fractionOf, scatter } from '../hashing.js';
import { type PickRequest, unset } from '../pick-request.js';

/** With half of the agents shut, one number in four billion is left. */
const triesMax = 32;

/** Plain, weighted by lot. */
export class RoundRobinPick implements Balancer {
  readonly name = 'round_robin';

  pick(request: PickRequest): number {
    const { candidates, nowMs } = request;
    const { slots, table } = candidates;
    if (slots.length === 0) return noAgent;
    table.wake(nowMs);
    const { isPanic, greatestWeight } = candidates;
    const number = request.number === unset ? request.randomBelow(slots.length) : request.number;
    // Without a number of its own it must not be the place that decides the lot.
    const luck = request.number === unset ? scatter(request.randomBelow(2 ** 32)) : luckOf(number);
    let place = number % slots.length;
    for (let round = 0; round < triesMax; round++) {
      const slot = slots[place]!;
      if (table.isOpen(slot, isPanic) && !request.excludes(slot)) {
        const weight = table.weight(slot);
        if (weight >= greatestWeight || fractionOf(luck, 2 * round) * greatestWeight < weight) return slot;
      }
      place = Math.floor(fractionOf(luck, 2 * round + 1) * slots.length);
    }
    return firstOpen(request, slots[place]!, isPanic);
  }
}

/** Numbers may exceed 32 bits: both halves count. */
const luckOf = (number: number): number =>
  scatter((number % 2 ** 32) ^ scatter(Math.floor(number / 2 ** 32)));

/** The first from a slot on, once round, that may be given work. */
function firstOpen(request: PickRequest, start: number, isPanic: boolean): number {
  const behind = firstOpenBetween(request, start, Infinity, isPanic);
  return behind === noAgent ? firstOpenBetween(request, 0, start, isPanic) : behind;
}

function firstOpenBetween(request: PickRequest, from: number, end: number, isPanic: boolean): number {
  const { members, table } = request.candidates;
  const open = table.allOpen(isPanic);
  let slot = members.nextCommon(open, from, end);
  while (slot !== -1 && request.excludes(slot)) slot = members.nextCommon(open, slot + 1, end);
  return slot;
}
