/** Time and turns of the process, so that a test or a benchmark may drive a replica by its own. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Calls again and again; a late call is not made up for. Returns how to stop. */
  every(periodMs: number, work: () => void): () => void;
  /** Calls once whatever has arrived by now was handed over. */
  afterArrivals(work: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  every: (periodMs, work) => {
    const timer = setInterval(work, periodMs);
    return () => clearInterval(timer);
  },
  // Node reads its sockets between timers and immediates.
  afterArrivals: (work) => {
    setImmediate(work);
  },
};
