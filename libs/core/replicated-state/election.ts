import { type Expiring } from './expiry-queue.js';

export interface Candidacy extends Expiring {
  readonly election: string;
  readonly candidate: string;
}

/** There is one only while somebody is in office: nobody waits for an empty one. */
export interface Election {
  readonly name: string;
  leader: Candidacy;
  fencingToken: number;
  /** In the order of their first campaign. */
  readonly waiting: Map<string, Candidacy>;
}
