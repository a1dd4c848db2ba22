import {
  commandSchema,
  type CommandInput,
  type ElectionReading,
  type ErrorCode,
  type KeyReading,
  keySchema,
  type LeaseReading,
  NexusError,
  type ProposeReply,
} from '@nexus/contracts';
import { type Change, ReplicatedState } from '@nexus/core/replicated-state';

/** What a proposal was made with. */
interface Wish {
  readonly requestId?: string;
}

/**
 * A decision log of one, in memory: the state machine of the replicas without the replicas, for tests of what uses the
 * log. Its clock stands still unless the test moves it.
 */
export class InMemoryDecisionLog {
  /** Every command that reached the log, in order. */
  readonly commands: CommandInput[] = [];
  /** While set, nothing is applied or read, and this is thrown. */
  down: NexusError | undefined;
  /** What the next proposal fails with although it is applied. */
  unheard: NexusError | undefined;
  /** Told of what an entry changed. */
  onChanges: (changes: readonly Change[]) => void = () => undefined;
  /** By the clock of the log. */
  nowMs = 0;
  private readonly state = new ReplicatedState();
  private index = 0;

  async propose(command: CommandInput, { requestId }: Wish = {}): Promise<ProposeReply> {
    if (this.down) throw this.down;
    this.commands.push(command);
    this.index += 1;
    const { outcome, changes } = this.state.apply(
      { index: this.index, term: 1 },
      {
        atMs: this.nowMs,
        command: commandSchema.parse(command),
        ...(requestId !== undefined && { requestId }),
      },
    );
    if (changes.length > 0) this.onChanges(changes);
    const { unheard } = this;
    this.unheard = undefined;
    if (unheard) throw unheard;
    if (outcome.kind === 'refused') {
      const { code, message, details, retryAfterMs } = outcome;
      throw new NexusError(code as ErrorCode, message, {
        retryAfterMs,
        ...(details && { details: [...details] }),
      });
    }
    const { kind: _done, ...reply } = outcome;
    return reply;
  }

  async read(key: string): Promise<KeyReading> {
    if (this.down) throw this.down;
    return { ...this.state.key(key), key: keySchema.parse(key), index: this.index };
  }

  async readElection(election: string): Promise<ElectionReading> {
    if (this.down) throw this.down;
    return {
      ...this.state.election(election),
      waiting: [...this.state.election(election).waiting],
      index: this.index,
    };
  }

  async readLease(resource: string): Promise<LeaseReading> {
    if (this.down) throw this.down;
    return { ...this.state.lease(resource), index: this.index };
  }
}
