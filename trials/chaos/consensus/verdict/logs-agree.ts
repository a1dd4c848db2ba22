import { Buffer } from 'node:buffer';
import { type DurableState, type Entry } from '@nexus/core/raft';
import { LmdbLogStore } from '@nexus/platform/log-store';

/** Two logs that differ where both are committed. */
export interface LogDifference {
  readonly index: number;
  readonly replicas: readonly [string, string];
}

/** What the logs on disk say, once their replicas have ended. */
export interface LogComparison {
  /** Entries that two logs at least have, committed in both, and that were compared. */
  readonly compared: number;
  readonly differences: readonly LogDifference[];
}

const differencesMax = 20;

/** Reads the logs of all replicas and compares, neighbour by neighbour, what is committed in both. */
export async function compareLogs(folders: ReadonlyMap<string, string>): Promise<LogComparison> {
  const logs: (readonly [string, DurableState])[] = [];
  for (const [replicaId, directory] of folders) logs.push([replicaId, await readLog(directory)]);
  let compared = 0;
  const differences: LogDifference[] = [];
  for (const [place, [replicaId, log]] of logs.entries()) {
    const next = logs[place + 1];
    if (next === undefined) break;
    const [otherId, other] = next;
    const committed = Math.min(log.hardState.commit, other.hardState.commit);
    const others = new Map(other.entries.map((entry) => [entry.index, entry]));
    for (const entry of log.entries) {
      const twin = others.get(entry.index);
      if (twin === undefined || entry.index > committed) continue;
      compared += 1;
      if (textOf(entry) === textOf(twin) || differences.length >= differencesMax) continue;
      differences.push({ index: entry.index, replicas: [replicaId, otherId] });
    }
  }
  return { compared, differences };
}

async function readLog(directory: string): Promise<DurableState> {
  const store = await LmdbLogStore.open({ directory });
  try {
    return await store.load();
  } finally {
    await store.close();
  }
}

function textOf(entry: Entry): string {
  const { index, term, kind } = entry;
  const body =
    entry.kind === 'command'
      ? Buffer.from(entry.command).toString('base64')
      : entry.kind === 'configuration'
        ? JSON.stringify(entry.configuration)
        : '';
  return `${index} ${term} ${kind} ${body}`;
}
