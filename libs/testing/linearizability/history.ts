/** One call of one client, as the client saw it. */
export interface Operation<Call, Answer> {
  readonly client: string;
  readonly call: Call;
  /** On one clock for all operations of a history, in milliseconds. */
  readonly invokedAtMs: number;
  /** Null when nobody learned what became of it: it took effect at some time since, may yet, or never will. */
  readonly outcome: { readonly returnedAtMs: number; readonly answer: Answer } | null;
}

export type History<Call, Answer> = readonly Operation<Call, Answer>[];

/** Whether it must have taken effect by some moment. */
export const isDue = ({ outcome }: Operation<unknown, unknown>): boolean =>
  outcome !== null && outcome.returnedAtMs < Number.POSITIVE_INFINITY;

/** The same call, which need not take effect, and may at any time: whatever explains the history explains it so as well. */
export const relaxed = <Call, Answer>(operation: Operation<Call, Answer>): Operation<Call, Answer> =>
  operation.outcome === null
    ? operation
    : { ...operation, outcome: { ...operation.outcome, returnedAtMs: Number.POSITIVE_INFINITY } };
