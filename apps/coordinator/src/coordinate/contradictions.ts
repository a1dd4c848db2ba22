import { type CoordinateRequest, NexusError } from '@nexus/contracts';

/**
 * Refuses options that contradict each other, before anybody is asked: each would promise what the others make
 * impossible.
 * @throws NexusError `invalid_argument`
 */
export function refuseContradictions({ agents, goal, exclusive }: CoordinateRequest): void {
  if (goal.type !== 'broadcast') return;
  const { ordering, coordinator, after, key } = goal;
  const causal = ordering === 'causal';
  if (after !== undefined && !causal) throw contradiction('goal.after', 'needs "ordering": "causal"');
  if (key !== undefined && !causal) throw contradiction('goal.key', 'needs "ordering": "causal"');
  if (key !== undefined && coordinator !== undefined) {
    throw contradiction('goal.key', 'is shared by the coordinator that tells it: leave "coordinator" out');
  }
  if (key !== undefined && agents.ids !== undefined) {
    throw contradiction('goal.key', 'is told to all, a group or a capability: who joins later must find it');
  }
  if (!exclusive) return;
  if (coordinator !== undefined) {
    throw contradiction('exclusive', 'no lease covers what an agent sends: leave "coordinator" out');
  }
  // Who missed it gets it from whoever kept it, lease or no lease.
  if (causal && agents.ids === undefined) {
    throw contradiction(
      'exclusive',
      'a causal broadcast is repaired past any lease: name the agents by "ids"',
    );
  }
}

const contradiction = (path: string, message: string) =>
  new NexusError('invalid_argument', `${path}: ${message}`, { details: [{ path, message }] });
