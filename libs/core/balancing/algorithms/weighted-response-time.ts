/*
 * Agents get work in proportion to how fast they answer. Drawing in proportion to 1 / t is a race: each runs a time that is
 * exponentially distributed with mean t, and the first wins with just that probability. So one pass finds the winner, with
 * no sum to keep. To give all to the fastest instead would make it the slowest.
 */
import { type Cost } from '../cheapest.js';

/** Drawn in proportion to the inverse of the expected time to an answer that is good. */
export const weightedResponseTime: Cost = {
  of: (table, slot, request) => {
    const expectedMs = table.meanLatencyMs(slot) / table.successShare(slot, request.nowMs);
    // 1 - random lies in (0, 1]: its logarithm is finite.
    return -Math.log(1 - request.random()) * expectedMs;
  },
};
