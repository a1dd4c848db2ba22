/** Nexus, up. */
export interface RunningStack {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Ends everything in the order in which requests flow: who asks first, who is asked last, the servers after all. */
  stop(): Promise<void>;
}
