import { type ErrorCode } from '@nexus/contracts';
import { type ReportedLoad } from '@nexus/core/balancing';

/** What an agent made of a task. */
export type TaskAnswer =
  | { readonly kind: 'done'; readonly data: unknown; readonly load?: ReportedLoad | undefined }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      /** Of a refusal: when it wants to be asked again. */
      readonly retryAfterMs?: number | undefined;
      readonly load?: ReportedLoad | undefined;
    }
  /** Nobody listens where the agent should be. */
  | { readonly kind: 'undeliverable' };

/** What came of a task in the end. */
export type TaskOutcome =
  | { readonly ok: true; readonly data: unknown }
  | {
      readonly ok: false;
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        /** Of a refusal: when the agent wants to be asked again. */
        readonly retryAfterMs?: number;
      };
    };

/** A task that is settled. */
export interface Settled {
  /** Its place in the order of the run. */
  readonly index: number;
  /** Who did it, or had it last; undefined when nobody ever had it. */
  readonly agentId: string | undefined;
  /** Agents that it was sent to. */
  readonly attempts: number;
  readonly outcome: TaskOutcome;
}

/** A task on its way to an agent. */
export interface Sending {
  /** Tells the answer apart from all others of the run. */
  readonly dispatchId: number;
  readonly index: number;
  readonly agentId: string;
  /** 1 for the first try. */
  readonly attempt: number;
}
