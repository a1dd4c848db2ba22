export type Verdict = 'ok' | 'warn' | 'fail';

/** What one look found. */
export interface Finding {
  readonly verdict: Verdict;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  readonly look: () => Finding | Promise<Finding>;
}

export interface Diagnosis extends Finding {
  readonly name: string;
}

export const ok = (message: string): Finding => ({ verdict: 'ok', message });
export const warn = (message: string, remedy: string): Finding => ({ verdict: 'warn', message, remedy });
export const fail = (message: string, remedy: string): Finding => ({ verdict: 'fail', message, remedy });

const lookTimeoutMs = 10_000;

/** Runs a check; one that breaks or hangs is a finding too. */
export async function diagnose({ name, look }: Check): Promise<Diagnosis> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    const message = `no result in ${lookTimeoutMs / 1_000} s`;
    timer = setTimeout(() => resolve(fail(message, 'see whether the machine is overloaded')), lookTimeoutMs);
  });
  const found = Promise.resolve()
    .then(look)
    .catch((error: unknown) =>
      fail(
        error instanceof Error ? error.message : String(error),
        'this look itself failed: please report it',
      ),
    );
  try {
    return { name, ...(await Promise.race([found, late])) };
  } finally {
    clearTimeout(timer);
  }
}
