import { type CoordinateRequest, notInThisBuild, type StrategyName } from '@nexus/contracts';

const strategies: readonly StrategyName[] = ['foundation', 'performance_optimized', 'hierarchical'];

/**
 * Refuses what the contract names and this build does not do, before anybody is asked. Nothing is silently done
 * in a weaker way than the caller asked for.
 * @throws NexusError `unavailable`
 */
export function refuseUnavailable({ durable, strategy }: CoordinateRequest): void {
  if (durable) {
    throw notInThisBuild('durable', 'a durable request', 'ask without "durable"');
  }
  if (strategy !== null && !strategies.includes(strategy)) {
    throw notInThisBuild(
      'strategy',
      `strategy ${strategy}`,
      'use "foundation", "performance_optimized", "hierarchical" or null',
    );
  }
}
