import { type LivenessOptions, type SilenceTerms, silenceTerms } from './silence-terms.js';

/** When silence has consequences. */
export class LivenessTimes {
  readonly heartbeatMs: number;
  readonly ttlMs: number;
  /** How often the replica judges and tells where the table stands, in milliseconds. */
  readonly tickMs: number;
  /** What the scripts judge by. */
  readonly terms: SilenceTerms;

  constructor(options: LivenessOptions) {
    this.heartbeatMs = options.heartbeatMs;
    this.ttlMs = options.ttlMs;
    this.tickMs = Math.min(1_000, options.heartbeatMs);
    this.terms = silenceTerms(options);
  }
}
