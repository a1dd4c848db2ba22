import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NexusError } from '@nexus/contracts';

/** The replicas of the decision log that a stack runs. */
export interface ReplicaPlan {
  readonly replicaIds: readonly string[];
  /** The folder that holds the folder of each. */
  readonly home: string;
  /** Whether a group that exists is to become larger. */
  readonly grows: boolean;
}

export interface ReplicaWish {
  /** Undefined: as many as there are, or `atLeast` where that is more. */
  readonly replicas: number | undefined;
  /** For the first start. */
  readonly atLeast: number;
}

const folderPattern = /^consensus-([1-9]\d?)$/;

/**
 * A group that was formed keeps its size from start to start: fewer replicas than it has may be no majority of it.
 * @throws NexusError `invalid_argument` when fewer are wanted than the data directory holds
 */
export async function planReplicas(
  dataDir: string,
  { replicas, atLeast }: ReplicaWish,
): Promise<ReplicaPlan> {
  const home = join(dataDir, 'consensus');
  const held = await highestHeld(home);
  const count = replicas ?? Math.max(held, atLeast);
  if (count < held) {
    throw new NexusError(
      'invalid_argument',
      `--replicas ${count}: the decision log in ${home} has ${held} replicas; start with --replicas ${held}, or name another --data-dir`,
    );
  }
  return {
    replicaIds: Array.from({ length: count }, (_, index) => `consensus-${index + 1}`),
    home,
    grows: held > 0 && count > held,
  };
}

/** The highest number of a replica that has a folder here; 0 when none has. */
async function highestHeld(home: string): Promise<number> {
  const names = await readdir(home).catch((): string[] => []);
  return Math.max(0, ...names.map((name) => Number(folderPattern.exec(name)?.[1] ?? 0)));
}
