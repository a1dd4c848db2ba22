import { pathToFileURL } from 'node:url';
import { CausalReceiver, CausalSender, Kept } from '@nexus/core/causality';
import { GossipMember, messageBytes } from '@nexus/core/gossip';
import { Raft } from '@nexus/core/raft';
import { LogClock, ReplicatedState } from '@nexus/core/replicated-state';
import {
  type CausalityCores,
  causalitySimulation,
  type GossipCores,
  gossipSimulation,
  type RaftCores,
  raftSimulation,
  type Simulation,
} from '@nexus/testing';

export const subjectNames = ['raft', 'gossip', 'causality'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** Imports the index of a core of the build to simulate. */
type LoadCore = (core: string) => Promise<unknown>;

interface Subject {
  /** What a build of it consists of, below libs/core. */
  readonly cores: readonly string[];
  readonly ofThisBuild: () => Simulation;
  readonly ofAnother: (load: LoadCore) => Promise<Simulation>;
}

const subjects: Readonly<Record<SubjectName, Subject>> = {
  raft: {
    cores: ['invariant', 'raft', 'replicated-state'],
    ofThisBuild: () => raftSimulation({ Raft, ReplicatedState, LogClock }),
    ofAnother: async (load) => {
      const raft = (await load('raft')) as Pick<RaftCores, 'Raft'>;
      const state = (await load('replicated-state')) as Omit<RaftCores, 'Raft'>;
      return raftSimulation({ ...state, Raft: raft.Raft });
    },
  },
  gossip: {
    cores: ['invariant', 'gossip'],
    ofThisBuild: () => gossipSimulation({ GossipMember, messageBytes }),
    ofAnother: async (load) => gossipSimulation((await load('gossip')) as GossipCores),
  },
  causality: {
    cores: ['invariant', 'causality'],
    ofThisBuild: () => causalitySimulation({ CausalSender, CausalReceiver, Kept }),
    ofAnother: async (load) => causalitySimulation((await load('causality')) as CausalityCores),
  },
};

/** Folders of a checkout that a build of the subject consists of. */
export const foldersOf = (subject: SubjectName): string[] =>
  subjects[subject].cores.map((core) => `libs/core/${core}`);

/**
 * The simulation of a subject.
 * @param folder of another build, that holds `libs/core/…` as JavaScript; null for this one
 */
export async function loadSimulation(subject: SubjectName, folder: string | null): Promise<Simulation> {
  const { ofThisBuild, ofAnother } = subjects[subject];
  if (folder === null) return ofThisBuild();
  return ofAnother((core) => import(pathToFileURL(`${folder}/libs/core/${core}/index.js`).href));
}
