import { type Cost } from '../cheapest.js';

/**
 * The peak-sensitive latency for each piece of work that would then be in flight, and longer by what fails and is refused:
 * a slow answer counts at once, a good one only by and by.
 */
export const peakEwma: Cost = {
  of: (table, slot, { nowMs }) =>
    (table.peakLatencyMs(slot, nowMs) * (table.outstanding(slot) + 1)) / table.successShare(slot, nowMs),
};
