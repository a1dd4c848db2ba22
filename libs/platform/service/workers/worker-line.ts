/** What the supervisor says to a worker. */
export type ToWorker = { readonly kind: 'check'; readonly number: number } | { readonly kind: 'end' };

/** What a worker answers: why it is not ready, or nothing. */
export interface FromWorker {
  readonly kind: 'checked';
  readonly number: number;
  readonly fault?: string;
}

const flag = '--nexus-worker';

/** The arguments that make a program a worker. */
export const workerArguments = (index: number): string[] => [flag, String(index)];

/** Which worker this process is; undefined when it is none. */
export function workerIndexOf(argv: readonly string[]): number | undefined {
  const at = argv.indexOf(flag);
  return at < 0 ? undefined : Number(argv[at + 1]);
}

/**
 * The worker's end of the channel to its supervisor.
 * @param check rejects with the reason why the worker is not ready
 * @returns resolves when the worker is to end: it is told to, or the supervisor is gone
 */
export function followSupervisor(check: () => Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve('the supervisor is gone'));
    process.on('message', (message) => {
      const asked = message as ToWorker;
      if (asked.kind === 'end') resolve('told to end');
      else void answer(asked.number, check);
    });
    if (!process.connected) resolve('the supervisor is gone');
  });
}

async function answer(number: number, check: () => Promise<void>): Promise<void> {
  const fault = await check().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const reply: FromWorker = { kind: 'checked', number, ...(fault !== undefined && { fault }) };
  // The supervisor may be gone by now.
  if (process.connected) process.send?.(reply, () => undefined);
}
