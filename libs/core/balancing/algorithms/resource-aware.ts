/*
 * What agents report says more than a count does, and may be a lie or a habit of measuring. So it may weigh, and not
 * decide: an agent that claims to be idle gets at most twice what one gets that claims to be exhausted, with as much in
 * flight for its window. And a claim below what is in flight as measured here is not believed.
 */
import { type Cost } from '../cheapest.js';

/** How full the window would be, times up to two by load. */
export const resourceAware: Cost = {
  of: (table, slot, request) => {
    const used = table.outstanding(slot);
    const window = table.window(slot);
    const load = Math.max(table.reportedLoad(slot, request.nowMs), used / window);
    return ((used + 1) / window) * (1 + load);
  },
};
