import { type AlgorithmName, type Balancer } from './balancer.js';
import { type PickRequest } from './pick-request.js';

/**
 * Gives a small part of the work out by plain round robin. A fallback that is never used does not work; and agents that an
 * algorithm has come to avoid are heard of again.
 */
export class SharingWithRoundRobin implements Balancer {
  readonly name: AlgorithmName;

  constructor(
    private readonly balancer: Balancer,
    private readonly roundRobin: Balancer,
    private readonly roundRobinShare: number,
  ) {
    this.name = balancer.name;
  }

  pick(request: PickRequest): number {
    return request.random() < this.roundRobinShare
      ? this.roundRobin.pick(request)
      : this.balancer.pick(request);
  }
}
