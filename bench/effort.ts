/** How long and how often is measured. */
export interface Effort {
  /** Rounds that count; one to warm up comes before. */
  readonly rounds: number;
  /** One measurement of one contender, in milliseconds. */
  readonly measureMs: number;
  /** Calls of one measurement, at most. */
  readonly callsMax: number;
  /** The same where clients and crews are processes of their own, which take longer to come to speed. */
  readonly peersMs: number;
  /** What each of those does before, so that its code is compiled. */
  readonly warmUpMs: number;
  /** How long an open load lasts, in milliseconds; half of it before something changes. */
  readonly openMs: number;
  /** Rounds of open loads: each lasts long enough to be one by itself. */
  readonly openRounds: number;
  /** How often an open load is put on for models to learn from it. */
  readonly learningRounds: number;
  /** Shares of the capacity at which an open load is put on. */
  readonly openLoads: readonly number[];
  /** Agents that are told or asked something at once. */
  readonly fleets: readonly number[];
  /** Agents that are registered and do nothing. */
  readonly idleAgents: readonly number[];
  /** Requests put on a stack before its memory is read for the last time. */
  readonly memoryRequests: number;
  /** How long a stack is left alone before its memory is read, in milliseconds. */
  readonly settleMs: number;
}

export const thorough: Effort = {
  rounds: 5,
  measureMs: 400,
  callsMax: 20_000,
  peersMs: 1_500,
  warmUpMs: 3_000,
  openMs: 20_000,
  openRounds: 2,
  learningRounds: 8,
  openLoads: [0.7, 0.9],
  fleets: [100, 1_000, 10_000],
  idleAgents: [1_000, 10_000, 100_000],
  memoryRequests: 20_000,
  settleMs: 2_000,
};

/** Some minutes on an idle machine: an order of magnitude, not a comparison of two builds. */
export const quick: Effort = {
  rounds: 2,
  measureMs: 80,
  callsMax: 5_000,
  peersMs: 400,
  warmUpMs: 1_000,
  openMs: 8_000,
  openRounds: 1,
  learningRounds: 12,
  openLoads: [0.9],
  fleets: [100, 1_000],
  idleAgents: [1_000, 10_000],
  memoryRequests: 1_200,
  settleMs: 300,
};
