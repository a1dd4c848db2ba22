import { type ReplicatedState } from '@nexus/core/replicated-state';
import { type Clock } from './clock.js';
import { encodeImage } from './image-codec.js';

export interface ImagePolicy {
  /** Entries applied since the last image after which another is due. */
  readonly entries: number;
  /** Bytes of commands, likewise. */
  readonly bytes: number;
}

export type ImageReady = (index: number, image: Uint8Array) => void;

/** Says when the log is to be replaced by an image of the state (R20), and writes it a little at each turn. */
export class ImageWriter {
  private entries = 0;
  private bytes = 0;
  private writing = false;
  /** Raised to make a writing under way come to nothing. */
  private generation = 0;

  constructor(
    private readonly policy: ImagePolicy,
    private readonly clock: Clock,
    private readonly ready: ImageReady,
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
    const steps = encodeImage(state.image());
    const goOn = () => {
      if (generation !== this.generation) return;
      const step = steps.next();
      if (step.done !== true) {
        this.clock.afterArrivals(goOn);
        return;
      }
      this.writing = false;
      this.ready(index, step.value);
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
}
