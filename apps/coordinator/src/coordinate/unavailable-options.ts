import { type CoordinateRequest, NexusError } from '@nexus/contracts';

/**
 * Refuses what the contract names and this build does not do, before anybody is asked. Nothing is silently done
 * in a weaker way than the caller asked for.
 * @throws NexusError `unavailable`
 */
export function refuseUnavailable({ durable, strategy }: CoordinateRequest): void {
  if (durable) {
    throw new NexusError('unavailable', 'durable requests are not available yet; ask without "durable"');
  }
  if (strategy !== null && strategy !== 'foundation') {
    throw new NexusError(
      'unavailable',
      `strategy ${strategy} is not available yet; use "foundation" or null`,
    );
  }
}
