import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** A process as a file remembers it. */
export interface ProcessRecord {
  readonly pid: number;
  /** From `birthOf`. */
  readonly birth: string;
  readonly startedAt: string;
  /** Of a server: where it listens. */
  readonly port?: number;
  /** Of a server in a container: the container's name. */
  readonly container?: string;
  /** Of a service: the script that it runs. */
  readonly script?: string;
  /** Of a running Nexus: where its NATS is. */
  readonly natsUrl?: string;
  /** Of a running Nexus: where its Redis is. */
  readonly redisUrl?: string;
}

/** Reads a record; a missing, torn or foreign file is none. */
export async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** For its owner alone: the url of a server may carry a password. */
const mode = 0o600;

/** Replaces the file in one step, so that no reader sees half of it. */
export async function writeRecord(path: string, record: ProcessRecord): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode });
  await rename(draft, path);
}

export const removeRecord = (path: string): Promise<void> => rm(path, { force: true });

function isRecord(value: unknown): value is ProcessRecord {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const optional = (name: string, type: string) => fields[name] === undefined || typeof fields[name] === type;
  return (
    Number.isSafeInteger(fields['pid']) &&
    Number(fields['pid']) > 1 &&
    typeof fields['birth'] === 'string' &&
    typeof fields['startedAt'] === 'string' &&
    optional('port', 'number') &&
    optional('container', 'string') &&
    optional('script', 'string') &&
    optional('natsUrl', 'string') &&
    optional('redisUrl', 'string')
  );
}
