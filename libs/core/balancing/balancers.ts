import { assert, assertNever } from '@nexus/core/invariant';
import { Adaptive, type Predictor } from './algorithms/adaptive.js';
import { ConsistentHash } from './algorithms/consistent-hash.js';
import { leastConnections } from './algorithms/least-connections.js';
import { peakEwma } from './algorithms/peak-ewma.js';
import { powerOfTwo } from './algorithms/power-of-two.js';
import { resourceAware } from './algorithms/resource-aware.js';
import { RoundRobinPick } from './algorithms/round-robin-pick.js';
import { weightedResponseTime } from './algorithms/weighted-response-time.js';
import { type AlgorithmName, type Balancer } from './balancer.js';
import { Cheapest, type Cost } from './cheapest.js';
import { SharingWithRoundRobin } from './sharing-with-round-robin.js';

export interface BalancerOptions {
  /** The share of all picks that plain round robin makes, 0 to 1. Default 0.01. */
  readonly roundRobinShare?: number;
  /** Sets of candidates up to this size are looked at whole. Default 64. */
  readonly scanMax?: number;
  /** Of larger sets, so many are compared. Default 4; power of two choices always compares two. */
  readonly choices?: number;
  /** The model of `adaptive`. */
  readonly predictor?: Predictor | undefined;
}

/** The balancer of a name. It keeps nothing from pick to pick: one serves all sets of candidates of any table. */
export function balancerOf(name: AlgorithmName, options: BalancerOptions = {}): Balancer {
  const { roundRobinShare = 0.01 } = options;
  assert(roundRobinShare >= 0 && roundRobinShare <= 1, 'a share lies between 0 and 1');
  const balancer = algorithmOf(name, options);
  if (name === 'round_robin' || roundRobinShare === 0) return balancer;
  return new SharingWithRoundRobin(balancer, new RoundRobinPick(), roundRobinShare);
}

function algorithmOf(name: AlgorithmName, options: BalancerOptions): Balancer {
  const { scanMax = 64, choices = 4, predictor } = options;
  assert(scanMax >= 0 && choices >= 1, 'at least one agent is looked at');
  const cheapest = (cost: Cost) => new Cheapest({ name, cost, choices, scanMax });
  const twoChoices = () => new Cheapest({ name, cost: powerOfTwo, choices: 2, scanMax: 2 });
  switch (name) {
    case 'round_robin':
      return new RoundRobinPick();
    case 'least_connections':
      return cheapest(leastConnections);
    case 'weighted_response_time':
      return cheapest(weightedResponseTime);
    case 'resource_aware':
      return cheapest(resourceAware);
    case 'adaptive':
      return new Adaptive({ choices, scanMax }, cheapest(resourceAware), predictor);
    case 'power_of_two':
      return twoChoices();
    case 'peak_ewma':
      return cheapest(peakEwma);
    case 'consistent_hash':
      return new ConsistentHash(twoChoices());
    default:
      return assertNever(name);
  }
}
