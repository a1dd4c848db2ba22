import { type WorkResult } from '@nexus/contracts';
import { type PlannedRequest } from './plan-requests.js';

/** What came back to one request. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly results: readonly WorkResult[];
      readonly layer: string;
      /** Of a round robin: whose numbers it took. */
      readonly numbers: 'shared' | 'own' | null;
    }
  /** The whole of it, with the code of an error. */
  | { readonly kind: 'refused'; readonly code: string };

/** One request of the load, and what became of it. */
export interface Asked {
  readonly request: PlannedRequest;
  readonly outcome: Outcome;
  readonly tookMs: number;
}
