import { type MemberId } from './identity.js';
import { type Membership } from './membership.js';
import { type Convergence } from './view.js';

/**
 * Everybody alive said, with its latest heartbeat, the same hash over everybody's versions as we have now. One that may be
 * gone may know something that nobody else does: nothing is converged while it may come back.
 */
export const convergenceOf = (membership: Membership): Convergence => {
  const { self, viewHash } = membership;
  const ours = viewHash.value;
  const versions = new Map<MemberId, number>();
  const waitingFor: MemberId[] = [];
  for (const state of membership.all()) {
    const { id, standing, entry } = state;
    if (state.isVouched) versions.set(id, entry.maxVersion);
    if (state === self || standing === 'left' || standing === 'unconfirmed') continue;
    if (standing !== 'alive' || entry.viewHash !== ours) waitingFor.push(id);
  }
  return { converged: waitingFor.length === 0, versions, waitingFor };
};
