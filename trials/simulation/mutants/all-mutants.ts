import { type SubjectName } from '../subjects.js';
import { causalityMutants } from './causality/causality.js';
import { gossipMutants } from './gossip/gossip.js';
import { type Mutant } from './mutant.js';
import { electionMutants } from './raft/elections.js';
import { readAndMembershipMutants } from './raft/reads-and-membership.js';
import { replicationMutants } from './raft/replication.js';
import { stateMutants } from './raft/state.js';

export const mutants: Readonly<Record<SubjectName, readonly Mutant[]>> = {
  raft: [...electionMutants, ...replicationMutants, ...readAndMembershipMutants, ...stateMutants],
  gossip: gossipMutants,
  causality: causalityMutants,
};
