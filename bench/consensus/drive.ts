import { closedLoop, type Load, type Sample } from '../measure/closed-loop.js';
import { type Child } from '../processes/child.js';

/** Told to a process that drives itself: how hard, or just whether it is ready. */
export type DriveOrder = Load | { readonly ready: true };

const beyondMs = 30_000;

/** In the child: measures a call as the parent says. */
export const drive =
  (call: () => Promise<unknown>) =>
  async (message: unknown): Promise<object> => {
    const order = message as DriveOrder;
    return 'ready' in order ? order : closedLoop(call, order);
  };

/** In the parent: lets a child measure. */
export const driveChild = async (child: Child, load: Load): Promise<Sample> =>
  (await child.ask(load, load.durationMs + beyondMs)) as Sample;

/** In the parent: resolves once the child has set up. */
export const whenReady = (child: Child): Promise<unknown> => child.ask({ ready: true }, beyondMs);
