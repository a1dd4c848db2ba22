import { type Mutant } from '../mutant.js';
import { receivingMutants } from './receiving.js';
import { sendingMutants } from './sending.js';

export const causalityMutants: readonly Mutant[] = [...receivingMutants, ...sendingMutants];
