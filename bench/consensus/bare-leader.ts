import { Buffer } from 'node:buffer';
import { type NatsConnection } from '@nats-io/transport-node';
import { type DurableLog } from './durable-log.js';

export interface BareLeaderOptions {
  readonly connection: NatsConnection;
  readonly log: DurableLog;
  readonly followers: readonly string[];
}

/** Subjects of the loop. */
export const bareSubjects = {
  append: (follower: string) => `bare.${follower}.append`,
  durable: (follower: string) => `bare.${follower}.durable`,
};

/** In front of a frame: the number of its last command. */
const headBytes = 8;
const lengthBytes = 4;

/**
 * The least that replicates a log: commands of one turn in one frame, the frame to the own disk and to each follower,
 * and an answer once a majority has flushed. No terms, no elections, no repair, no state machine.
 */
export class BareLeader {
  private readonly durable = new Map<string, number>();
  private readonly unanswered: (() => void)[] = [];
  private answered = 0;
  private last = 0;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;

  constructor(private readonly options: BareLeaderOptions) {
    const { connection, followers } = options;
    this.durable.set('self', 0);
    for (const follower of followers) {
      this.durable.set(follower, 0);
      connection.subscribe(bareSubjects.durable(follower), {
        callback: (_, { data }) => this.advance(follower, numberOf(data)),
      });
    }
  }

  /** Resolves once a majority has the command on disk. */
  commit(command: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.unanswered.push(resolve);
      if (this.waiting.length === 0) setImmediate(() => this.turn());
      this.waiting.push(command);
      this.waitingBytes += command.length;
    });
  }

  private turn(): void {
    const frame = Buffer.allocUnsafe(headBytes + this.waiting.length * lengthBytes + this.waitingBytes);
    this.last += this.waiting.length;
    frame.writeDoubleBE(this.last, 0);
    let offset = headBytes;
    for (const command of this.waiting) {
      offset = frame.writeUInt32BE(command.length, offset);
      frame.set(command, offset);
      offset += command.length;
    }
    this.waiting = [];
    this.waitingBytes = 0;
    const { connection, followers, log } = this.options;
    for (const follower of followers) connection.publish(bareSubjects.append(follower), frame);
    const { last } = this;
    log.append(frame, () => this.advance('self', last));
  }

  private advance(who: string, last: number): void {
    this.durable.set(who, last);
    const descending = [...this.durable.values()].sort((a, b) => b - a);
    const committed = descending[descending.length >> 1] ?? 0;
    const count = committed - this.answered;
    if (count <= 0) return;
    this.answered = committed;
    for (const answer of this.unanswered.splice(0, count)) answer();
  }
}

/** Answers each frame once it is on disk. */
export function followBare(name: string, { connection, log }: Omit<BareLeaderOptions, 'followers'>): void {
  connection.subscribe(bareSubjects.append(name), {
    callback: (_, { data }) =>
      log.append(data, () => connection.publish(bareSubjects.durable(name), data.subarray(0, headBytes))),
  });
}

const numberOf = (data: Uint8Array): number =>
  Buffer.from(data.buffer, data.byteOffset, data.length).readDoubleBE(0);
