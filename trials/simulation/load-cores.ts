import { pathToFileURL } from 'node:url';
import { Raft } from '@nexus/core/raft';
import { LogClock, ReplicatedState } from '@nexus/core/replicated-state';
import { type Cores } from '@nexus/testing';

/**
 * The classes to simulate: those of this build, or those of another one.
 * @param folder that holds `libs/core/…` as JavaScript; null for this build
 */
export async function loadCores(folder: string | null): Promise<Cores> {
  if (folder === null) return { Raft, ReplicatedState, LogClock };
  const load = (core: string) => import(pathToFileURL(`${folder}/libs/core/${core}/index.js`).href);
  const raft = (await load('raft')) as Pick<Cores, 'Raft'>;
  const state = (await load('replicated-state')) as Omit<Cores, 'Raft'>;
  return { Raft: raft.Raft, ReplicatedState: state.ReplicatedState, LogClock: state.LogClock };
}
