import { NexusError } from '@nexus/contracts';
import { encodeBody, type Encoding, envelopeBytes } from '@nexus/wire';
import { type Admit } from '../coordination/part-sink.js';

export interface ResultRoomOptions {
  /** How the reply will be written. */
  readonly encoding: Encoding;
  /** Largest body of one reply message, in bytes. */
  readonly replyBytesMax: number;
  /** Answers that one result may hold, in bytes. */
  readonly resultBytesMax?: number;
}

/** What a NATS server holds back for a slow reader before it drops it, as Nexus runs it: a result goes out at once. */
const resultBytesMaxDefault = 32 * 1024 * 1024;

/**
 * How much longer a value can get when it is written anew: a control character of MessagePack has one byte there, and
 * six in JSON; no number, and nothing on the way back, grows as much.
 */
const growthMax = 6;

/** What is left for answers in the result of one request. */
export class ResultRoom {
  private taken = 0;

  constructor(private readonly options: ResultRoomOptions) {}

  /** What the answers that were let in have taken, in bytes. */
  get takenBytes(): number {
    return this.taken;
  }

  readonly admit: Admit = (data, receivedBytes) => {
    const { replyBytesMax, resultBytesMax = resultBytesMaxDefault } = this.options;
    const entryBytesMax = replyBytesMax - envelopeBytes;
    const bytes = receivedBytes * growthMax <= entryBytesMax ? receivedBytes : this.writtenBytes(data);
    if (bytes > entryBytesMax) {
      throw tooLarge(`the answer takes ${bytes} bytes in the reply, where ${entryBytesMax} fit one message`);
    }
    if (this.taken + bytes > resultBytesMax) {
      throw tooLarge(
        `the answers to this request exceed the ${resultBytesMax} bytes that one result can hold`,
      );
    }
    this.taken += bytes;
  };

  private writtenBytes(data: unknown): number {
    return encodeBody(data, this.options.encoding).length;
  }
}

const tooLarge = (message: string) => new NexusError('payload_too_large', message);
