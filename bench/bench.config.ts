/** The environment of a child: ours, with what the benchmark decides. */
export const childEnvironment = (own: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...own,
});

/** Where programs are looked for. */
export const programPath = (env: NodeJS.ProcessEnv = process.env): string => env['PATH'] ?? '';

/** A folder for the CPU profile of every child, one file each when it ends; none by default. */
export const profileFolder = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  env['BENCH_CPU_PROFILES'];
