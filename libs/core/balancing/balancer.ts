import { type PickRequest } from './pick-request.js';

/** What a balancer answers when no candidate may be given work. */
export const noAgent = -1;

/** The algorithms that there are. */
export const algorithmNames = [
  'round_robin',
  'least_connections',
  'weighted_response_time',
  'resource_aware',
  'adaptive',
  'power_of_two',
  'peak_ewma',
  'consistent_hash',
] as const;

export type AlgorithmName = (typeof algorithmNames)[number];

/** One algorithm. */
export interface Balancer {
  readonly name: AlgorithmName;
  /** The slot of the agent that is to have the work; `noAgent` only when none of the candidates may be given any. */
  pick(request: PickRequest): number;
}
