import { type Mutant } from '../mutant.js';
import { edgeMutants } from './edge.js';
import { lifeMutants } from './life.js';
import { stateMutants } from './state.js';

export const gossipMutants: readonly Mutant[] = [...stateMutants, ...lifeMutants, ...edgeMutants];
