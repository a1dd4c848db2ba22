import { type Cost } from '../cheapest.js';

/**
 * The fewest in flight, as all coordinators together measured it. Less than one is added by chance: so among agents that are
 * idle it is a draw by their shares, and the heaviest does not get everything.
 */
export const leastConnections: Cost = {
  chance: 1,
  of: (table, slot, request) => table.outstanding(slot) + request.random(),
};
