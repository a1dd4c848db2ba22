/** When silence has consequences. */
export class LivenessTimes {
  /** Between suspicion and removal, in milliseconds: for an agent that was only late. */
  readonly graceMs: number;
  /** How often the replica judges and tells where the table stands, in milliseconds. */
  readonly tickMs: number;

  constructor(
    /** How often agents are asked to send heartbeats, in milliseconds. */
    readonly heartbeatMs: number,
    /** Silence after which an agent is suspected, in milliseconds. */
    readonly ttlMs: number,
  ) {
    this.graceMs = Math.ceil(ttlMs / 2);
    this.tickMs = Math.min(1_000, heartbeatMs);
  }
}
