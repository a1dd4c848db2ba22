import { createHash } from 'node:crypto';
import { type CoordinateRequest } from '@nexus/contracts';
import { canonicalJson } from '@nexus/core/aggregation';

/**
 * What a request asks for, as a hash: equal for a request and its repeats, whoever writes them down. A repeat has less
 * time left, may want the outcome in another way, its writer may know of more by then, and may order keys differently;
 * none of that makes it another request.
 */
export function fingerprintOf(request: CoordinateRequest): string {
  const { requestId: _id, stream: _way, goal, ...asked } = request;
  const { timeoutMs: _left, ...wanted } = goal.type === 'broadcast' ? withoutAfter(goal) : goal;
  return createHash('sha256')
    .update(canonicalJson({ ...asked, goal: wanted }))
    .digest('hex');
}

function withoutAfter({ after: _known, ...goal }: Extract<CoordinateRequest['goal'], { type: 'broadcast' }>) {
  return goal;
}
