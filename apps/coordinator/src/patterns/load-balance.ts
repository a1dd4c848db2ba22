import { NexusError, type WorkResult } from '@nexus/contracts';
import { assert } from '@nexus/core/invariant';
import { type Coordination } from '../coordination/coordination.js';
import { type Targets } from '../fleet/fleet.js';
import { type GoalOf } from '../ladder/layer.js';

export type LoadBalance = Coordination<GoalOf<'load_balance'>>;

/** Most ids that an error names. */
const namedMax = 20;

/** All that were named are unknown. */
export const nobodyRegistered = ({ unknown }: Targets): NexusError =>
  new NexusError('not_found', 'none of the agents named is registered', {
    details: unknown.slice(0, namedMax).map((id) => ({ path: 'agents.ids', message: `${id} is unknown` })),
  });

/** The results of a run that is done, one for each unit in their order. */
export const allSettled = (results: readonly (WorkResult | undefined)[]): readonly WorkResult[] =>
  results.map((result) => {
    assert(result, 'every unit of work is settled when the run is done');
    return result;
  });
