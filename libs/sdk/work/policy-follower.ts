import { type DirectPolicy, endpoints, NexusError } from '@nexus/contracts';
import { type Caller, type Connection } from '@nexus/wire';

export interface PolicyFollowerOptions {
  readonly connection: Connection;
  readonly caller: Caller;
  /** Told when it is another one. It must not throw. */
  readonly onChanged: (policy: DirectPolicy) => void;
}

const askTimeoutMs = 2_000;
/** After a failure it is asked for again within this, in milliseconds. */
const retryMsMax = 1_000;

/** What a coordinator said last of going straight to agents: asked for three times while it holds. */
export class PolicyFollower {
  private policy: DirectPolicy | undefined;
  private validUntilMs = Number.NEGATIVE_INFINITY;
  private lastFailure: NexusError | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly unlisten: () => void;

  /** Asks at once. */
  constructor(private readonly options: PolicyFollowerOptions) {
    this.unlisten = options.connection.on((event) => {
      if (event === 'reconnected') this.askIn(0);
    });
    void this.ask();
  }

  /** What holds at a moment; undefined when nothing was heard in time. */
  at(nowMs: number): DirectPolicy | undefined {
    return nowMs < this.validUntilMs ? this.policy : undefined;
  }

  /** Why nothing holds, where nothing does. */
  get failure(): NexusError | undefined {
    return this.lastFailure;
  }

  stop(): void {
    this.stopped = true;
    this.unlisten();
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const { caller, onChanged } = this.options;
    // It may have been true no longer than since it was asked for.
    const askedAtMs = performance.now();
    try {
      const policy = await caller.call(endpoints.coordinatorPolicy, {}, {}, { timeoutMs: askTimeoutMs });
      this.policy = policy;
      this.validUntilMs = askedAtMs + policy.ttlMs;
      this.lastFailure = undefined;
      if (this.stopped) return;
      onChanged(policy);
      this.askIn(policy.ttlMs / 3);
    } catch (thrown) {
      this.lastFailure = NexusError.from(thrown);
      this.askIn(retryMsMax);
    }
  }

  /** With jitter, so that clients that were started together do not ask together for ever. */
  private askIn(delayMsMax: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const delayMs = delayMsMax * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => void this.ask(), delayMs).unref();
  }
}
