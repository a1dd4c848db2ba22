import { setTimeout as pause } from 'node:timers/promises';
import { NexusError } from '@nexus/contracts';
import { Advised } from '../ending/next-step.js';
import { faultOf, tellFault } from '../ending/render-error.js';
import { type Session } from './session.js';

const refreshMs = 1_000;

/** Draws anew each second until Ctrl-C. What goes away for a while is shown as such, and watched on. */
export async function redrawing(
  { output, interruption }: Session,
  options: { readonly json: boolean },
  draw: () => Promise<void>,
): Promise<void> {
  while (!interruption.signal.aborted) {
    try {
      await draw();
    } catch (thrown) {
      if (!(thrown instanceof NexusError || thrown instanceof Advised)) throw thrown;
      tellFault(output, faultOf(thrown), options);
    }
    // Cut short by the wish to end, which ends the loop.
    await pause(refreshMs, undefined, { signal: interruption.signal }).catch(() => undefined);
  }
}
