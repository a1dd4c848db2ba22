import { NexusError } from '@nexus/contracts';
import { noAgent, type Ticket } from '@nexus/core/balancing';
import { type FleetLoads } from '../fleet/fleet-loads.js';
import { type Selection } from '../fleet/selection.js';
import { type Chooser, type Wish } from './chooser.js';

export interface AssignOptions {
  readonly loads: FleetLoads;
  readonly chooser: Chooser;
  readonly selection: Selection;
  /** How many units of work. */
  readonly count: number;
  /** What each of them is chosen by. */
  readonly wishOf: (index: number) => Wish;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** What an overloaded fleet's callers are told to wait, in milliseconds. */
const retryAfterMs = 100;

/**
 * Chooses agents for work that somebody else sends, all in one turn. What was given out counts while the rest is chosen,
 * so that the work is spread, and in rounds where it is more than all have room for; afterwards it does not count, as
 * nobody tells of its end.
 * @returns the agent of each unit
 * @throws NexusError `overloaded` when no agent has any room at all
 */
export function assign({ loads, chooser, selection, count, wishOf, now }: AssignOptions): string[] {
  const { table } = loads;
  const tickets: Ticket[] = [];
  const giveBack = () => {
    const nowMs = now();
    for (const ticket of tickets.splice(0)) table.end(ticket, 'withdrawn', 0, nowMs);
  };
  const choose = (index: number): number => {
    const slot = chooser.choose(selection, wishOf(index), []);
    if (slot !== noAgent || tickets.length === 0) return slot;
    giveBack();
    return chooser.choose(selection, wishOf(index), []);
  };
  try {
    return Array.from({ length: count }, (_, index) => {
      const slot = choose(index);
      if (slot === noAgent) {
        throw new NexusError('overloaded', 'no agent has room for work', { retryAfterMs });
      }
      tickets.push(table.begin(slot, now()));
      return table.idOf(slot);
    });
  } finally {
    giveBack();
  }
}
