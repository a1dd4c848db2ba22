import { readFile, stat } from 'node:fs/promises';

/** One start of a unit, as its agent wrote it down. */
export interface Run {
  readonly unit: string;
  readonly agentId: string;
  /** As the message said: 1 for the first try. */
  readonly attempt: number;
}

/** What an agent has run; the last line of one that was killed may be cut short, and is no run then. */
export async function readRecord(agentId: string, path: string): Promise<Run[]> {
  const text = await readFile(path, 'utf8').catch(unlessAbsent(''));
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [unit = '', attempt] = line.split(' ');
      return { unit, agentId, attempt: Number(attempt) };
    });
}

/** How long a record is: it grows when its agent begins a unit. */
export const recordBytes = (path: string): Promise<number> =>
  stat(path)
    .then(({ size }) => size)
    .catch(unlessAbsent(0));

/** An agent that was given nothing yet has no record. */
const unlessAbsent =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead;
    throw error;
  };
