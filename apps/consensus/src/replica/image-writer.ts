import { type ReplicatedState } from '@nexus/core/replicated-state';
import { type Clock } from './clock.js';
import { encodeImage } from './image-codec.js';

export interface ImagePolicy {
  /** Entries applied since the last image after which another is due. */
  readonly entries: number;
  /** Bytes of commands, likewise. */
  readonly bytes: number;
}

/** Where images go. */
export interface ImageSink {
  /** Stores it ahead; `ready` comes after. */
  readonly stage: (image: Uint8Array) => Promise<void>;
  readonly ready: (index: number, image: Uint8Array) => void;
  readonly failed: (error: unknown) => void;
}

/** Says when the log is to be replaced by an image of the state (R20), writes it a little at each turn, and stores it. */
export class ImageWriter {
  private entries = 0;
  private bytes = 0;
  private writing = false;
  /** Raised to make a writing under way come to nothing. */
  private generation = 0;

  constructor(
    private readonly policy: ImagePolicy,
    private readonly clock: Clock,
    private readonly sink: ImageSink,
  ) {}

  applied(bytes: number): void {
    this.entries += 1;
    this.bytes += bytes;
  }

  get due(): boolean {
    return !this.writing && (this.entries >= this.policy.entries || this.bytes >= this.policy.bytes);
  }

  /** @param index the last entry that is in the state */
  write(state: ReplicatedState, index: number): void {
    this.restart();
    this.writing = true;
    const { generation } = this;
    const steps = encodeImage(state.capture());
    const goOn = () => {
      if (generation !== this.generation) return;
      const step = steps.next();
      if (step.done === true) this.store(index, step.value);
      else this.clock.afterArrivals(goOn);
    };
    this.clock.afterArrivals(goOn);
  }

  /** The state was replaced, or is needed no more. */
  restart(): void {
    this.generation += 1;
    this.writing = false;
    this.entries = 0;
    this.bytes = 0;
  }

  private store(index: number, image: Uint8Array): void {
    const { generation } = this;
    this.sink.stage(image).then(
      () => {
        if (generation !== this.generation) return;
        this.writing = false;
        this.sink.ready(index, image);
      },
      (error: unknown) => this.sink.failed(error),
    );
  }
}

/**
 * The policy of one replica: all apply the same entries, and would write their images, and flush them, at the same moment.
 * So each does it somewhat earlier, by a part of its own of a quarter of the way.
 */
export function spread({ entries, bytes }: ImagePolicy, storeId: string): ImagePolicy {
  const part = 1 - fractionOf(storeId) / 4;
  return { entries: Math.ceil(entries * part), bytes: Math.ceil(bytes * part) };
}

/** From 0 to 1, evenly, by FNV-1a: texts that differ little are far apart. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  // The last step of a hash of few letters reaches the high bits only by this.
  return (Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0) / 2 ** 32;
}
