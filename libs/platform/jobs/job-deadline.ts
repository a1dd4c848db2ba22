import { NexusError } from '@nexus/contracts';

export interface Deadline {
  /** Aborted when the time is over, or `ending` is. */
  readonly signal: AbortSignal;
  /** Rejects then, with the reason. */
  readonly over: Promise<never>;
  clear(): void;
}

/** The time that a job has, or less when the process ends. */
export function deadlineOf(name: string, withinMs: number, ending: AbortSignal): Deadline {
  const controller = new AbortController();
  const late = () =>
    controller.abort(new NexusError('deadline_exceeded', `${name} took more than ${withinMs} ms`));
  const ended = () => controller.abort(ending.reason);
  const timer = setTimeout(late, withinMs);
  ending.addEventListener('abort', ended);
  const over = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error));
  });
  // Where the job ends first nobody waits for it.
  over.catch(() => undefined);
  if (ending.aborted) ended();
  return {
    signal: controller.signal,
    over,
    clear: () => {
      clearTimeout(timer);
      ending.removeEventListener('abort', ended);
    },
  };
}

/** Whether work whose failure matters to nobody ended in time. */
export async function settledWithin(work: Promise<unknown> | undefined, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const settled = Promise.resolve(work).then(
    () => true,
    () => true,
  );
  const ended = await Promise.race([settled, late]);
  clearTimeout(timer);
  return ended;
}
