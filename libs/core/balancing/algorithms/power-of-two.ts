import { type Cost } from '../cheapest.js';

/**
 * The shorter of two queues: in flight as measured here, or what the agent says is waiting, whichever is more. Most of
 * what is in flight waits there too, so that the sum would count it twice. Among equals a draw by their shares.
 */
export const powerOfTwo: Cost = {
  chance: 1,
  of: (table, slot, request) =>
    Math.max(table.outstanding(slot), table.reportedQueueDepth(slot, request.nowMs)) + request.random(),
};
