export interface ChaosOptions {
  readonly rounds?: number;
  readonly replicas?: string;
  readonly seed?: number;
  readonly json: boolean;
}

/** The same options as the trial's own entry point reads them. */
export function chaosArguments({ rounds, replicas, seed, json }: ChaosOptions): string[] {
  return [
    ...(rounds === undefined ? [] : ['--rounds', String(rounds)]),
    ...(replicas === undefined ? [] : ['--replicas', replicas]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...(json ? ['--json'] : []),
  ];
}
