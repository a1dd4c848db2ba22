import { electionMutants } from './elections.js';
import { type Mutant } from './mutant.js';
import { readAndMembershipMutants } from './reads-and-membership.js';
import { replicationMutants } from './replication.js';
import { stateMutants } from './state.js';

export const mutants: readonly Mutant[] = [
  ...electionMutants,
  ...replicationMutants,
  ...readAndMembershipMutants,
  ...stateMutants,
];
