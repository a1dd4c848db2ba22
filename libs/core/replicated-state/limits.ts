/**
 * Bounds of everything that grows. They decide outcomes, so they must be the same on all replicas: they are constants of
 * the program, and no field of a configuration.
 */
export interface StateLimits {
  /** Most keys, decided ones included. */
  readonly keysMax: number;
  /** Most that keys and values may take, by estimate. */
  readonly keyBytesMax: number;
  readonly leasesMax: number;
  /** Most candidates, in office or waiting, over all elections. */
  readonly candidaciesMax: number;
  readonly waitingPerElectionMax: number;
  /** Beyond it the session that was idle longest is forgotten. */
  readonly sessionsMax: number;
  /** Beyond it the oldest outcome of the session counts as settled. */
  readonly outcomesPerSessionMax: number;
  /** Over all sessions; beyond it the session that was idle longest is forgotten. */
  readonly sessionOutcomesMax: number;
  /** A session without a request for so long is forgotten, in milliseconds of the log's clock. */
  readonly sessionIdleMs: number;
  /** Beyond it a new request id is refused until the oldest leaves; one without an id is not. */
  readonly requestIdsMax: number;
  /** How long the outcome of a request id is kept, in milliseconds of the log's clock. */
  readonly requestIdWindowMs: number;
  /** Most leases, candidacies and request ids, of each, that one command finds ended and clears. */
  readonly expiriesPerCommandMax: number;
  /** Likewise when an entry is there for nothing else. */
  readonly expiriesPerExpireMax: number;
}

export const stateLimits: StateLimits = {
  keysMax: 200_000,
  keyBytesMax: 64 * 1024 * 1024,
  leasesMax: 100_000,
  candidaciesMax: 100_000,
  waitingPerElectionMax: 1_000,
  sessionsMax: 1_000,
  outcomesPerSessionMax: 8_192,
  sessionOutcomesMax: 100_000,
  sessionIdleMs: 3_600_000,
  requestIdsMax: 500_000,
  requestIdWindowMs: 120_000,
  expiriesPerCommandMax: 32,
  expiriesPerExpireMax: 1_000,
};
