export interface UpOptions {
  readonly showcase: boolean;
  readonly once: boolean;
  readonly fleet: boolean;
  readonly input?: string;
  readonly agents?: number;
  readonly replicas?: string;
  readonly processes: boolean;
  readonly dataDir?: string;
}

/** The same options as the stack's own entry point reads them. */
export function standaloneArguments(options: UpOptions): string[] {
  const { showcase, once, fleet, input, agents, replicas, processes, dataDir } = options;
  return [
    // To end after the showcase means to run it.
    ...(showcase || once ? ['--showcase'] : []),
    ...(once ? ['--once'] : []),
    ...(fleet ? [] : ['--no-fleet']),
    ...(input === undefined ? [] : ['--input', input]),
    ...(agents === undefined ? [] : ['--agents', String(agents)]),
    ...(replicas === undefined ? [] : ['--replicas', replicas]),
    ...(processes ? ['--processes'] : []),
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
  ];
}
