import { timerMsMax } from './timer-ms-max.js';

/** How an event is waited for; what `listen` returns stops listening. */
export interface FirstEvent {
  readonly listen: (settle: { resolve: () => void; reject: (error: Error) => void }) => () => void;
  readonly withinMs: number;
  /** What the wait fails with when nothing came. */
  readonly late: () => Error;
}

/** Waits for one event, within a bound, and leaves no listener and no timer behind. */
export async function firstEvent({ listen, withinMs, late }: FirstEvent): Promise<void> {
  let stop: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(late()), Math.min(withinMs, timerMsMax));
      stop = listen({ resolve, reject });
    });
  } finally {
    clearTimeout(timer);
    stop?.();
  }
}
