/** How long and how often is measured. */
export interface Effort {
  /** Rounds that count; one to warm up comes before. */
  readonly rounds: number;
  /** One measurement of one contender, in milliseconds. */
  readonly measureMs: number;
  /** Calls of one measurement, at most. */
  readonly callsMax: number;
  /** Requests put on a stack before its memory is read for the last time. */
  readonly memoryRequests: number;
  /** How long a stack is left alone before its memory is read, in milliseconds. */
  readonly settleMs: number;
}

export const thorough: Effort = {
  rounds: 5,
  measureMs: 400,
  callsMax: 20_000,
  memoryRequests: 20_000,
  settleMs: 2_000,
};

/** Half a minute on an idle machine: an order of magnitude, not a comparison of two builds. */
export const quick: Effort = {
  rounds: 2,
  measureMs: 80,
  callsMax: 5_000,
  memoryRequests: 1_200,
  settleMs: 300,
};
